"""Messages of organisers to chosen participants: written at once, later, or by the clock of each edition."""

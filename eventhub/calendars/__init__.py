"""iCalendar entries, files, feeds and messages: pure functions without tables or requests."""

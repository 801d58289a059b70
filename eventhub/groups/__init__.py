"""Groups: participants of an edition, divided by the organiser."""

"""Registrations: one participant's claim to one edition, places and the waitlist."""

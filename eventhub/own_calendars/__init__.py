"""One calendar with all meetings of a participant, without an account."""

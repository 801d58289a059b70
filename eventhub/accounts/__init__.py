"""Users and their sign-in by a mailed link."""

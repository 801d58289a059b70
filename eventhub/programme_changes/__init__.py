"""Telling those who hold a session what has changed about it, in one mail for several changes."""

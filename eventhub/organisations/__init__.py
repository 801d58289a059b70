"""Organisations, their members and what a member may do."""

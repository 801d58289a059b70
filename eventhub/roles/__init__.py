"""Roles that are offered by mail: to a person, or to an organisation that is to host or to own."""

"""Measurements against a hello-world Flask application under the same server: `make bench`."""

"""Whole series in and out as YAML."""

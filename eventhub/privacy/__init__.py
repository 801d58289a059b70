"""How long people are known: retention, and erasing one's own data."""

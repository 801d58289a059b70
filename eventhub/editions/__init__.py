"""Series, their numbered editions and the life of an edition."""

"""Speakers who are asked to take part: their answer, their own page, their calendar."""

"""Sign-ups: a registered participant's place in one slot."""

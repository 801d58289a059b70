"""How many, never who: what is counted of an edition, and what of that outlasts the people."""

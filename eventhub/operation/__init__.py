"""What operators look at: is it well, how much is going on, and what happened."""

"""Who wants to hear when the next edition of a series opens its registration."""

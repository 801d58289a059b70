"""What programs read with a token: series, editions, agenda, registrations, as JSON; nothing is changed."""

"""The outbox: what is to be told, its rendering, and its delivery."""

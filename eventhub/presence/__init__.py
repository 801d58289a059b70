"""Who was there: by their own link for joining, or seen at the door."""

"""What comes back by mail: answers of calendars, bounces, and words of people."""

"""The organiser's pages under /manage."""

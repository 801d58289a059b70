"""The public pages: start, series, edition, slot, speaker, feeds and legal texts."""

"""Personal invitations: sent by list, opened, accepted or declined, each with a link of its own."""

"""The programme of an edition: slots, rooms, tracks and speakers."""

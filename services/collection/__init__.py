"""Collection: households, slots, pickups and what the scale said at the door."""

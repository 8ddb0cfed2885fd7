"""Files that are written and read part by part, never as a whole in memory."""

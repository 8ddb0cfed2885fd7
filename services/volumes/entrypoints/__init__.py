"""Where events and requests come in."""

"""Routing: vehicles, day plans, tours and unloadings."""

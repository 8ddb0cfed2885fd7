"""A seeded city day that drives only the public APIs, with real life's noise."""

"""Rules of collection: no I/O, no clock, no framework."""

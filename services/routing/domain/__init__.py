"""Rules of routing: no I/O, no clock, no solver."""

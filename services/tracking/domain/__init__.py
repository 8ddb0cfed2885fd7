"""Rules of tracking: no I/O, no clock."""

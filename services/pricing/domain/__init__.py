"""Rules of pricing: no I/O, no clock."""

"""Rules of sums: which lots count, in which hour, with which sign. No I/O, no clock."""

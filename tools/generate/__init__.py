"""Documents that are generated from the code, committed, and checked for staleness."""

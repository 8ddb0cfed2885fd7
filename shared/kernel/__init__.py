"""The kernel: errors, ids, units, clock, ledger. Standard library only, no business words."""

"""How Greenloop runs: the embedded local stack, and files for larger places."""

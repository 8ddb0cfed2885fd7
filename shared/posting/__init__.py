"""Balances of ledgers whose entries lie in many documents: folded into rows, each once."""

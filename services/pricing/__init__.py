"""Pricing: the price book, what a weigh-in is worth, and the money ledger."""

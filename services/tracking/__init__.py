"""Tracking: containers of hazardous waste, and the mass ledger of every lot."""

"""Exactness, built: outbox, relay, reactions, dead letters, and their in-memory twins."""

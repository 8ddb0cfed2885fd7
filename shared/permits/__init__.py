"""Permits: what a collector may put into a scanned container, signed by tracking.

`model` has no I/O; `tokens` reads a permit with public keys; `signing` is tracking's own.
"""

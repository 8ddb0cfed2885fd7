"""The `greenloop` command."""

"""What pricing does with its ports."""

"""What routing does with its ports."""

"""What tracking does with its ports."""

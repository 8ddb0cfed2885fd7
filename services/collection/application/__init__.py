"""What collection does with its ports: a function for each command."""

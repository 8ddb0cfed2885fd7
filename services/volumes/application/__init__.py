"""What volumes does with its ports: take in, fold, answer."""

"""What the services share: language, contracts and plumbing, and no business of their own."""

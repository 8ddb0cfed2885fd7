"""Working days as a service keeps them: the published table, and the notices that it was told."""

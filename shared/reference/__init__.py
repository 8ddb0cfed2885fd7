"""Tables that several services read, as data with a source."""

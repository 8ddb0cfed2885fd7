"""MongoDB and H3, behind collection's ports."""

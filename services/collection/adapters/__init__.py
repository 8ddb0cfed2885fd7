"""MongoDB, H3 and the calendar, behind collection's ports."""

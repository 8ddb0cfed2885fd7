"""Programs for people: the command line, the simulator, the generators."""

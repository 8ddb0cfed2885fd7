"""What can go wrong with a stack on one machine: one line each, that says what to do."""


class StackProblem(Exception):  # noqa: N818 - shown to a person as it is
    """The stack cannot go on; the message is one line for a person."""

"""The life of a pickup as a table. The README renders it; a property test walks it.

Every final state belongs to one term of the conservation of counts:
booked = open + collected + cancelled + missed + failed. A lapsed draft was never booked.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a pickup is."""

    BOOKED = "booked"
    ASSIGNED = "assigned"
    WEIGHED = "weighed"
    FAILED = "failed"
    MISSED = "missed"
    CANCELLED = "cancelled"
    LAPSED = "lapsed"


class Act(StrEnum):
    """What may happen to a pickup."""

    BOOK = "book"
    AMEND = "amend"
    ASSIGN = "assign"
    REFUSE = "refuse"
    CANCEL = "cancel"
    FAIL = "fail"
    REPORT_MISSED = "report_missed"
    WEIGH = "weigh"
    CORRECT = "correct"
    LAPSE = "lapse"


TERM = {
    State.BOOKED: "open",
    State.ASSIGNED: "open",
    State.WEIGHED: "collected",
    State.FAILED: "failed",
    State.MISSED: "missed",
    State.CANCELLED: "cancelled",
}

# A weight from the scale is a fact: it is taken from every state in which a pickup exists, also
# after a cancellation, and flagged there.
TRANSITIONS: dict[tuple[State, Act], State] = {
    (State.LAPSED, Act.BOOK): State.BOOKED,
    (State.BOOKED, Act.AMEND): State.BOOKED,
    (State.BOOKED, Act.ASSIGN): State.ASSIGNED,
    (State.BOOKED, Act.REFUSE): State.BOOKED,
    (State.BOOKED, Act.CANCEL): State.CANCELLED,
    (State.BOOKED, Act.FAIL): State.FAILED,
    (State.BOOKED, Act.REPORT_MISSED): State.MISSED,
    (State.BOOKED, Act.WEIGH): State.WEIGHED,
    (State.ASSIGNED, Act.AMEND): State.BOOKED,
    (State.ASSIGNED, Act.ASSIGN): State.ASSIGNED,
    (State.ASSIGNED, Act.REFUSE): State.BOOKED,
    (State.ASSIGNED, Act.CANCEL): State.CANCELLED,
    (State.ASSIGNED, Act.FAIL): State.FAILED,
    (State.ASSIGNED, Act.REPORT_MISSED): State.MISSED,
    (State.ASSIGNED, Act.WEIGH): State.WEIGHED,
    (State.CANCELLED, Act.WEIGH): State.WEIGHED,
    (State.FAILED, Act.WEIGH): State.WEIGHED,
    (State.MISSED, Act.WEIGH): State.WEIGHED,
    (State.WEIGHED, Act.CORRECT): State.WEIGHED,
}


def after(state: State, act: Act) -> State | None:
    """Return the state after an act, or None where the act is not possible."""
    return TRANSITIONS.get((state, act))

"""The life of a pickup as a table. The README renders it; a property test walks it.

Every final state belongs to one term of the conservation of counts:
booked = open + collected + cancelled + missed + failed. A lapsed draft was never booked.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a pickup is."""

    BOOKED = "booked"
    ASSIGNED = "assigned"
    EN_ROUTE = "en_route"
    AT_DOOR = "at_door"
    WEIGHED = "weighed"
    STANDS = "stands"
    DISPUTED = "disputed"
    UPHELD = "upheld"
    CORRECTED = "corrected"
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
    SET_OUT = "set_out"
    ARRIVE = "arrive"
    CANCEL = "cancel"
    FAIL = "fail"
    REPORT_MISSED = "report_missed"
    WEIGH = "weigh"
    CONFIRM = "confirm"
    DISPUTE = "dispute"
    UPHOLD = "uphold"
    CORRECT = "correct"
    LAPSE = "lapse"


OPEN = (State.BOOKED, State.ASSIGNED, State.EN_ROUTE, State.AT_DOOR)
COLLECTED = (State.WEIGHED, State.STANDS, State.DISPUTED, State.UPHELD, State.CORRECTED)

TERM = {
    **dict.fromkeys(OPEN, "open"),
    **dict.fromkeys(COLLECTED, "collected"),
    State.FAILED: "failed",
    State.MISSED: "missed",
    State.CANCELLED: "cancelled",
}

# What the resident and the planner may do stops when the collector sets out.
_PLANNED: dict[tuple[State, Act], State] = {
    (State.LAPSED, Act.BOOK): State.BOOKED,
    (State.BOOKED, Act.AMEND): State.BOOKED,
    (State.ASSIGNED, Act.AMEND): State.BOOKED,
    (State.BOOKED, Act.ASSIGN): State.ASSIGNED,
    (State.ASSIGNED, Act.ASSIGN): State.ASSIGNED,
    (State.EN_ROUTE, Act.ASSIGN): State.ASSIGNED,
    (State.BOOKED, Act.REFUSE): State.BOOKED,
    (State.ASSIGNED, Act.REFUSE): State.BOOKED,
    (State.EN_ROUTE, Act.REFUSE): State.BOOKED,
}

# What the crew does is a fact: it is taken from every open state, whatever the plan says.
_OPEN_ACTS = {
    Act.ARRIVE: State.AT_DOOR,
    Act.CANCEL: State.CANCELLED,
    Act.FAIL: State.FAILED,
    Act.REPORT_MISSED: State.MISSED,
}
_VISITED = {(state, act): to for state in OPEN for act, to in _OPEN_ACTS.items()} | {
    (state, Act.SET_OUT): State.EN_ROUTE for state in OPEN if state is not State.AT_DOOR
}
# Some codes of the crew leave the household's claim open (outcomes.py).
_VISITED[State.FAILED, Act.REPORT_MISSED] = State.MISSED

# A weight from the scale is a fact: it is taken from every state in which a pickup exists, also
# after a cancellation, and reviewed there.
_WEIGHED = {
    (state, Act.WEIGH): State.WEIGHED
    for state in (*OPEN, State.CANCELLED, State.FAILED, State.MISSED)
}

_JUDGED: dict[tuple[State, Act], State] = {
    (State.WEIGHED, Act.CONFIRM): State.STANDS,
    (State.WEIGHED, Act.DISPUTE): State.DISPUTED,
    (State.CORRECTED, Act.DISPUTE): State.DISPUTED,
    (State.DISPUTED, Act.UPHOLD): State.UPHELD,
    **{(state, Act.CORRECT): State.CORRECTED for state in COLLECTED},
}

TRANSITIONS = {**_PLANNED, **_VISITED, **_WEIGHED, **_JUDGED}


def after(state: State, act: Act) -> State | None:
    """Return the state after an act, or None where the act is not possible."""
    return TRANSITIONS.get((state, act))

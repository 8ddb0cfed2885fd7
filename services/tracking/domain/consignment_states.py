"""The life of a consignment as a table. The README renders it; property tests walk it.

Every state belongs to one term of the conservation of counts:
drafted = open + received + returned + cancelled + void + lost.
"""

from enum import StrEnum

from shared.kernel.errors import Conflict


class State(StrEnum):
    """Where a consignment is."""

    DRAFT = "draft"
    SEALED = "sealed"
    SIGNED = "signed"
    IN_TRANSIT = "in-transit"
    ARRIVED = "arrived"
    RECEIVED = "received"
    REFUSED = "refused"
    RETURNED = "returned"
    CANCELLED = "cancelled"
    VOID = "void"
    MISSING = "missing"
    LOST = "lost"


class Act(StrEnum):
    """What may happen to a consignment."""

    AMEND = "amend"
    SEAL = "seal"
    SIGN = "sign"
    REFUSE_LOADING = "refuse-loading"
    REPLACE_CARRIER = "replace-carrier"
    TAKE = "take"
    HAND_OVER = "hand-over"
    BREAK_DOWN = "break-down"
    APPROVE = "approve"
    TURN_BACK = "turn-back"
    ARRIVE = "arrive"
    RECEIVE = "receive"
    REFUSE = "refuse"
    RECEIPT = "receipt"
    LEAVE_AGAIN = "leave-again"
    CANCEL = "cancel"
    LAPSE = "lapse"
    GO_MISSING = "go-missing"
    FIND = "find"
    DECLARE_LOST = "declare-lost"


TERM = {
    State.DRAFT: "open",
    State.SEALED: "open",
    State.SIGNED: "open",
    State.IN_TRANSIT: "open",
    State.ARRIVED: "open",
    State.REFUSED: "open",
    State.MISSING: "open",
    State.RECEIVED: "received",
    State.RETURNED: "returned",
    State.CANCELLED: "cancelled",
    State.VOID: "void",
    State.LOST: "lost",
}

# A cancellation ends with the first carrier's signature (TAKE); after it there is only the return.
# An arrival is a fact: it is taken from a consignment that is missing or given up for lost, too.
TRANSITIONS: dict[tuple[State, Act], State] = {
    (State.DRAFT, Act.AMEND): State.DRAFT,
    (State.DRAFT, Act.SEAL): State.SEALED,
    (State.DRAFT, Act.CANCEL): State.CANCELLED,
    (State.SEALED, Act.AMEND): State.SEALED,
    (State.SEALED, Act.REPLACE_CARRIER): State.SEALED,
    (State.SEALED, Act.SIGN): State.SIGNED,
    (State.SEALED, Act.CANCEL): State.CANCELLED,
    (State.SEALED, Act.LAPSE): State.VOID,
    (State.SIGNED, Act.AMEND): State.SIGNED,
    (State.SIGNED, Act.REPLACE_CARRIER): State.SIGNED,
    (State.SIGNED, Act.REFUSE_LOADING): State.SEALED,
    (State.SIGNED, Act.CANCEL): State.CANCELLED,
    (State.SIGNED, Act.TAKE): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.REPLACE_CARRIER): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.HAND_OVER): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.BREAK_DOWN): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.APPROVE): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.TURN_BACK): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.GO_MISSING): State.MISSING,
    (State.IN_TRANSIT, Act.ARRIVE): State.ARRIVED,
    (State.MISSING, Act.FIND): State.IN_TRANSIT,
    (State.MISSING, Act.ARRIVE): State.ARRIVED,
    (State.MISSING, Act.DECLARE_LOST): State.LOST,
    (State.LOST, Act.FIND): State.IN_TRANSIT,
    (State.LOST, Act.ARRIVE): State.ARRIVED,
    (State.ARRIVED, Act.RECEIVE): State.RECEIVED,
    (State.ARRIVED, Act.REFUSE): State.REFUSED,
    (State.ARRIVED, Act.RECEIPT): State.RETURNED,
    (State.REFUSED, Act.LEAVE_AGAIN): State.IN_TRANSIT,
}


def after(state: State, act: Act) -> State:
    """Return the state after an act; `Conflict` (consignment.not_possible) where there is none."""
    following = TRANSITIONS.get((state, act))
    if following is None:
        raise Conflict("consignment.not_possible", f"a consignment that is {state}: no {act}")
    return following

"""The life of a container as a table. The README renders it; a property test walks it.

empty → in use → sealed → reserved by a consignment → in transit → received → emptied → cleaned →
empty again, or retired. A sealed one may be opened, a received one goes on its way again, any one
may be damaged or lost. `unknown` is a tag that a lot named before anybody registered it.
"""

from enum import StrEnum

from shared.kernel.errors import Conflict


class State(StrEnum):
    """Where a container is in its life."""

    UNKNOWN = "unknown"
    EMPTY = "empty"
    IN_USE = "in-use"
    SEALED = "sealed"
    OPENED = "opened"
    RESERVED = "reserved"
    IN_TRANSIT = "in-transit"
    RECEIVED = "received"
    EMPTIED = "emptied"
    CLEANED = "cleaned"
    RETIRED = "retired"
    DAMAGED = "damaged"
    LOST = "lost"
    WRITTEN_OFF = "written-off"


class Act(StrEnum):
    """What may happen to a container. FILL is what a contained lot does."""

    REGISTER = "register"
    FILL = "fill"
    SEAL = "seal"
    OPEN = "open"
    RESUME = "resume"
    RESERVE = "reserve"
    RELEASE = "release"
    DEPART = "depart"
    RECEIVE = "receive"
    EMPTY = "empty"
    CLEAN = "clean"
    READY = "ready"
    RETIRE = "retire"
    DAMAGE = "damage"
    LOSE = "lose"
    FIND = "find"
    WRITE_OFF = "write-off"


# What became of a damaged one inside its overpack is still told: it travels, arrives, is emptied.
TRANSITIONS: dict[tuple[State, Act], State] = {
    (State.UNKNOWN, Act.REGISTER): State.EMPTY,
    (State.EMPTY, Act.FILL): State.IN_USE,
    (State.EMPTY, Act.RETIRE): State.RETIRED,
    (State.IN_USE, Act.FILL): State.IN_USE,
    (State.IN_USE, Act.SEAL): State.SEALED,
    (State.SEALED, Act.OPEN): State.OPENED,
    (State.SEALED, Act.RESERVE): State.RESERVED,
    (State.OPENED, Act.FILL): State.IN_USE,
    (State.OPENED, Act.RESUME): State.IN_USE,
    (State.RESERVED, Act.RELEASE): State.SEALED,
    (State.RESERVED, Act.DEPART): State.IN_TRANSIT,
    (State.IN_TRANSIT, Act.RECEIVE): State.RECEIVED,
    (State.RECEIVED, Act.RESERVE): State.RECEIVED,
    (State.RECEIVED, Act.RELEASE): State.RECEIVED,
    (State.RECEIVED, Act.DEPART): State.IN_TRANSIT,
    (State.RECEIVED, Act.EMPTY): State.EMPTIED,
    (State.EMPTIED, Act.CLEAN): State.CLEANED,
    (State.CLEANED, Act.READY): State.EMPTY,
    (State.CLEANED, Act.RETIRE): State.RETIRED,
    (State.DAMAGED, Act.RESERVE): State.DAMAGED,
    (State.DAMAGED, Act.RELEASE): State.DAMAGED,
    (State.DAMAGED, Act.DEPART): State.DAMAGED,
    (State.DAMAGED, Act.RECEIVE): State.DAMAGED,
    (State.DAMAGED, Act.EMPTY): State.EMPTIED,
    (State.LOST, Act.FIND): State.LOST,  # and then the state in which it was lost
    (State.LOST, Act.RELEASE): State.LOST,
    (State.LOST, Act.WRITE_OFF): State.WRITTEN_OFF,
}
FINAL = frozenset({State.RETIRED, State.WRITTEN_OFF})
ANY = frozenset(State) - FINAL - {State.UNKNOWN, State.LOST}
TRANSITIONS |= {(state, Act.DAMAGE): State.DAMAGED for state in ANY}
TRANSITIONS |= {(state, Act.LOSE): State.LOST for state in ANY}

OPEN = frozenset(state for state, act in TRANSITIONS if act is Act.FILL)

# Why a lot that names a container in this state does not lie in it.
CLOSED_BECAUSE: dict[State, str] = {
    State.UNKNOWN: "tracking.unknown_tag",
    State.SEALED: "tracking.container_sealed",
    State.RESERVED: "tracking.container_sealed",
    State.IN_TRANSIT: "tracking.container_sealed",
    State.RECEIVED: "tracking.container_sealed",
    State.EMPTIED: "tracking.container_not_ready",
    State.CLEANED: "tracking.container_not_ready",
    State.RETIRED: "tracking.container_retired",
    State.DAMAGED: "tracking.container_damaged",
    State.LOST: "tracking.container_lost",
    State.WRITTEN_OFF: "tracking.container_lost",
}


def after(state: State, act: Act) -> State:
    """Return the state after an act; `Conflict` (tracking.not_possible) where there is none."""
    following = TRANSITIONS.get((state, act))
    if following is None:
        raise Conflict("tracking.not_possible", f"a container that is {state}: no {act}")
    return following

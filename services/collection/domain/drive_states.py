"""The life of a drive as a table. The service's docs render it; a property test walks it.

Every state belongs to one term of the conservation of drives:
planned = ahead + running + held + aborted + cancelled + missed.
"""

from enum import StrEnum


class DriveState(StrEnum):
    """Where a drive is."""

    PLANNED = "planned"
    ANNOUNCED = "announced"
    OPEN = "open"
    CLOSING = "closing"
    CLOSED = "closed"
    ABORTED = "aborted"
    CANCELLED = "cancelled"
    MISSED = "missed"


class DriveAct(StrEnum):
    """What may happen to a drive."""

    ANNOUNCE = "announce"
    APPOINT = "appoint"
    CALL_STAND_IN = "call_stand_in"
    OPEN = "open"
    CLOSE = "close"
    FINISH = "finish"
    ABORT = "abort"
    CANCEL = "cancel"
    MISS = "miss"
    REVISE = "revise"


AHEAD = (DriveState.PLANNED, DriveState.ANNOUNCED)
RUNNING = (DriveState.OPEN, DriveState.CLOSING)
ENDED = (DriveState.CLOSED, DriveState.ABORTED, DriveState.CANCELLED, DriveState.MISSED)

DRIVE_TERM = {
    **dict.fromkeys(AHEAD, "ahead"),
    **dict.fromkeys(RUNNING, "running"),
    DriveState.CLOSED: "held",
    DriveState.ABORTED: "aborted",
    DriveState.CANCELLED: "cancelled",
    DriveState.MISSED: "missed",
}

# Before the begin. Whoever is in charge may change, the drive itself stays where it is.
_AHEAD = {
    (state, act): to
    for state in AHEAD
    for act, to in (
        (DriveAct.APPOINT, state),
        (DriveAct.CALL_STAND_IN, state),
        (DriveAct.OPEN, DriveState.OPEN),
        (DriveAct.CANCEL, DriveState.CANCELLED),
        (DriveAct.MISS, DriveState.MISSED),
    )
}

# After the end, visits that are told or corrected late change the totals and nothing else.
_ENDED = {(state, DriveAct.REVISE): state for state in ENDED}

DRIVE_TRANSITIONS = {
    (DriveState.PLANNED, DriveAct.ANNOUNCE): DriveState.ANNOUNCED,
    **_AHEAD,
    # That nobody opened it is a guess from silence; an opening that is told late is a fact.
    (DriveState.MISSED, DriveAct.OPEN): DriveState.OPEN,
    (DriveState.OPEN, DriveAct.CLOSE): DriveState.CLOSING,
    (DriveState.CLOSING, DriveAct.FINISH): DriveState.CLOSED,
    (DriveState.OPEN, DriveAct.ABORT): DriveState.ABORTED,
    (DriveState.CLOSING, DriveAct.ABORT): DriveState.ABORTED,
    **_ENDED,
}


def after_drive(state: DriveState, act: DriveAct) -> DriveState | None:
    """Return the state after an act, or None where the act is not possible."""
    return DRIVE_TRANSITIONS.get((state, act))

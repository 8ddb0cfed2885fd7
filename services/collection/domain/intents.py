"""The intent to send one notice to one recipient: made once, tried until sent, void or parked.

Its id is derived, so that whatever is repeated makes the same one; the id is also the message's,
so that a message which is sent twice after a crash is recognised as one.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum

from services.collection.domain.notices import Kind, Notice
from services.collection.domain.outcomes import RESIDENT
from shared.kernel.clock import SHANGHAI
from shared.kernel.ids import derived_id

ATTEMPTS_MAX = 8
FIRST_RETRY_AFTER, RETRY_AFTER_MAX = timedelta(seconds=15), timedelta(hours=1)
RETRY_FACTOR = 4
# Nobody is woken for what can wait. Shanghai time.
QUIET_FROM, QUIET_UNTIL = time(22), time(7)
URGENT = frozenset({Kind.TWO_STOPS_AWAY})


class Progress(StrEnum):
    """`VOID`: there was nothing to send any more, or nobody. `PARKED`: waits for a person."""

    WAITING = "waiting"
    SENT = "sent"
    VOID = "void"
    PARKED = "parked"


@dataclass(frozen=True, slots=True)
class Intent:
    """A notice on its way to a recipient (an opaque id).

    `due_at` is business time, as the notice's own times; `try_at` and `ended_at` are real time,
    as every lease and retry. `why` is the code of the last failure, or of the end.
    """

    intent_id: str
    notice: Notice
    recipient: str
    created_at: datetime
    due_at: datetime
    try_at: datetime
    progress: Progress = Progress.WAITING
    attempts: int = 0
    channel: str | None = None
    why: str | None = None
    ended_at: datetime | None = None


def intent_of(notice: Notice, recipient: str, *, now: datetime, real_now: datetime) -> Intent:
    """Return the intent to tell a recipient; the same notice and recipient give the same id."""
    parts = (notice.subject.id, notice.kind, notice.key, notice.audience, recipient)
    return Intent(
        intent_id=derived_id("notice", *parts),
        notice=notice,
        recipient=recipient,
        created_at=now,
        due_at=_due_at(notice, now),
        try_at=real_now,
    )


def retry_after(attempts: int) -> timedelta | None:
    """Return how long to wait after so many attempts; None where it is for a person now."""
    if attempts >= ATTEMPTS_MAX:
        return None
    factor: int = RETRY_FACTOR ** (attempts - 1)
    return min(FIRST_RETRY_AFTER * factor, RETRY_AFTER_MAX)


def _due_at(notice: Notice, now: datetime) -> datetime:
    """Return when a notice may come: households are left in peace at night, if it can wait."""
    local = now.astimezone(SHANGHAI)
    is_quiet = local.time() >= QUIET_FROM or local.time() < QUIET_UNTIL
    if not is_quiet or notice.kind in URGENT or notice.audience != RESIDENT:
        return now
    morning = datetime.combine(local.date(), QUIET_UNTIL, SHANGHAI)
    morning = morning if morning > local else morning + timedelta(days=1)
    if notice.needed_by is not None and notice.needed_by <= morning:
        return now
    return morning.astimezone(now.tzinfo)

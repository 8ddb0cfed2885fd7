"""Calendar feeds: who reads one by its token, and what an entry of it is.

A feed is of a household, or of whatever else has a source of entries (a drive's site), and is held
by one person: it ends when its holder leaves. Its token cannot be guessed and is not kept: only its
hash is, and a new token ends the old one.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.collection.domain.life import last_number
from services.collection.domain.pickup import Pickup
from services.collection.domain.records import Step
from services.collection.domain.states import Act, State
from shared.kernel.ids import derived_id

SHOWN_BACK = timedelta(days=30)
ENTRIES_MAX = 400
# Acts that change what a calendar shows of a pickup; plans, for instance, do not.
SHOWN_ACTS = frozenset({Act.BOOK, Act.AMEND, Act.CANCEL, Act.FAIL, Act.REPORT_MISSED, Act.WEIGH})


@dataclass(frozen=True, slots=True)
class Feed:
    """A calendar feed of a thing of a kind; without a token nobody reads it."""

    kind: str
    subject_id: str
    holder: str
    language: str
    token_sha256: str | None

    def ended(self) -> "Feed":
        """Return the feed that nobody reads."""
        return replace(self, token_sha256=None)


@dataclass(frozen=True, slots=True)
class Entry:
    """One event of a calendar. `uid` is for ever; `sequence` grows with each change of it.

    `changed_at` is when it last changed. `summary` is pickup or drive: the words are elsewhere.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    summary: str
    is_cancelled: bool = False


def feed_id(kind: str, subject_id: str, holder: str) -> str:
    """Return the id of the one feed that somebody has of a thing."""
    return derived_id("calendar", kind, subject_id, holder)


def pickup_entry(pickup: Pickup) -> Entry:
    """Return what a calendar shows of a pickup: its window, never its place."""
    sequence, changed_at = _last_shown(pickup.history, pickup.booked_at)
    return Entry(
        uid=f"{pickup.pickup_id}@greenloop",
        sequence=sequence,
        starts_at=pickup.booking.window_start,
        ends_at=pickup.booking.window_end,
        changed_at=changed_at,
        summary="pickup",
        is_cancelled=pickup.state is State.CANCELLED,
    )


def _last_shown(history: tuple[Step, ...], booked_at: datetime) -> tuple[int, datetime]:
    """Return number and time of the last step that shows.

    Where that is not kept any more, the number before the first kept one: it is not less, and
    grows as long as further steps push it on.
    """
    shown = [step for step in history if step.act in SHOWN_ACTS]
    if shown:
        return shown[-1].number, shown[-1].at
    return last_number(history) - len(history), booked_at

"""Who is told what about a pickup, and until when it is worth telling.

Notices follow from the steps of a pickup's life, and from the days before it. They hold opaque ids
and codes; who is reached where, and in which words, is found when one is sent.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.collection.domain.judging import STANDS_AFTER
from services.collection.domain.life import Aside
from services.collection.domain.outcomes import OUTCOMES, RESIDENT
from services.collection.domain.pickup import Pickup
from services.collection.domain.records import Step
from services.collection.domain.states import OPEN, Act, State

WORTH_FOR = timedelta(days=3)
AWAY_WORTH_FOR = timedelta(minutes=30)


class Kind(StrEnum):
    """What a notice is about."""

    IN_3_DAYS = "reminder_3_days"
    IN_1_DAY = "reminder_1_day"
    TWO_STOPS_AWAY = "two_stops_away"
    OUTCOME = "outcome"
    CONFIRMATION_NEEDED = "confirmation_needed"
    UPHELD = "dispute_upheld"
    CORRECTED = "weighing_corrected"
    REBOOKED = "rebooked"
    CANCELLED = "cancelled_by_city"


# So long before a slot's window begins, the earliest first.
REMINDERS = ((timedelta(days=3), Kind.IN_3_DAYS), (timedelta(days=1), Kind.IN_1_DAY))


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell an audience (`resident`, `operator`) about a pickup, once.

    `key` makes it one: two notices of a kind with the same key are the same. `about` is a code.
    """

    kind: str
    audience: str
    pickup_id: str
    key: str
    expires_at: datetime
    about: str | None = None


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder, and when it was due: who booked after that needs none."""

    kind: Kind
    at: datetime


def notices_of(pickup: Pickup, step: Step, *, now: datetime) -> tuple[Notice, ...]:
    """Return the notices that a step asks for; the same ones whenever it is asked again."""
    make = _NOTICES_OF.get(step.act)
    return make(pickup, step, now + WORTH_FOR) if make else ()


def reminder(pickup: Pickup, kind: Kind) -> Notice:
    """Return the reminder of a pickup; one for each of its days."""
    booking = pickup.booking
    day = booking.service_day.isoformat()
    return Notice(kind, RESIDENT, pickup.pickup_id, day, booking.window_start)


def due_reminder(window_start: datetime, now: datetime) -> DueReminder | None:
    """Return the reminder whose time came last; None before the first, and in the window."""
    if now >= window_start:
        return None
    come = [each for each in _reminders(window_start) if each.at <= now]
    return come[-1] if come else None


def next_reminder_at(window_start: datetime, now: datetime) -> datetime | None:
    """Return when the next reminder is due; None after the last one."""
    return next((each.at for each in _reminders(window_start) if each.at > now), None)


def first_reminder_at(window_start: datetime) -> datetime:
    """Return when the first reminder of a slot is due."""
    return _reminders(window_start)[0].at


def void_reason(notice: Notice, pickup: Pickup, *, now: datetime) -> str | None:
    """Return why a notice is not to be sent any more (a code), or None."""
    if now >= notice.expires_at:
        return "notice.late"
    holds = _STILL_HOLDS.get(notice.kind)
    return None if holds is None or holds(notice, pickup) else "notice.overtaken"


def _reminders(window_start: datetime) -> list[DueReminder]:
    return [DueReminder(kind, window_start - before) for before, kind in REMINDERS]


def _outcome(pickup: Pickup, step: Step, expires_at: datetime) -> tuple[Notice, ...]:
    told = OUTCOMES[step.about].told if step.about in OUTCOMES else ()
    return tuple(
        Notice(Kind.OUTCOME, to, pickup.pickup_id, str(step.number), expires_at, step.about)
        for to in told
    )


def _failed(pickup: Pickup, step: Step, expires_at: datetime) -> tuple[Notice, ...]:
    return (*_outcome(pickup, step, expires_at), *_two_stops_away(pickup, step, expires_at))


def _two_stops_away(pickup: Pickup, step: Step, _expires_at: datetime) -> tuple[Notice, ...]:
    """The crew is at this door, so it is two stops away from another one: told once a day."""
    tour = pickup.tour
    if tour is None or tour.warns is None:
        return ()
    day, until = tour.service_day.isoformat(), step.at + AWAY_WORTH_FOR
    return (Notice(Kind.TWO_STOPS_AWAY, RESIDENT, tour.warns, day, until),)


def _weighed(pickup: Pickup, step: Step, expires_at: datetime) -> tuple[Notice, ...]:
    recorded_at = pickup.weighing.recorded_at if pickup.weighing else None
    until = expires_at if recorded_at is None else recorded_at + STANDS_AFTER
    asked = Notice(Kind.CONFIRMATION_NEEDED, RESIDENT, pickup.pickup_id, str(step.number), until)
    return (asked, *_two_stops_away(pickup, step, expires_at))


def _plain(kind: Kind) -> "Make":
    def make(pickup: Pickup, step: Step, expires_at: datetime) -> tuple[Notice, ...]:
        key = str(step.number)
        return (Notice(kind, RESIDENT, pickup.pickup_id, key, expires_at, step.about),)

    return make


def _rebooked(_pickup: Pickup, step: Step, expires_at: datetime) -> tuple[Notice, ...]:
    """It is about the new pickup: its day is what the household wants to know."""
    if step.about is None:
        return ()
    return (Notice(Kind.REBOOKED, RESIDENT, step.about, "1", expires_at),)


Make = Callable[[Pickup, Step, datetime], tuple[Notice, ...]]
_NOTICES_OF: Mapping[str, Make] = {
    Act.ARRIVE: _two_stops_away,
    Act.WEIGH: _weighed,
    Act.FAIL: _failed,
    Act.UPHOLD: _plain(Kind.UPHELD),
    Act.CORRECT: _plain(Kind.CORRECTED),
    Act.CANCEL: _plain(Kind.CANCELLED),
    Aside.REMARK: _outcome,
    Aside.REBOOK: _rebooked,
}


def _is_of_its_day(notice: Notice, pickup: Pickup) -> bool:
    return pickup.booking.service_day == date.fromisoformat(notice.key)


def _is_ahead(notice: Notice, pickup: Pickup) -> bool:
    return pickup.state in OPEN and _is_of_its_day(notice, pickup)


def _is_not_there(notice: Notice, pickup: Pickup) -> bool:
    return _is_ahead(notice, pickup) and pickup.state is not State.AT_DOOR


def _is(*states: State) -> Callable[[Notice, Pickup], bool]:
    return lambda _notice, pickup: pickup.state in states


_STILL_HOLDS: Mapping[str, Callable[[Notice, Pickup], bool]] = {
    Kind.IN_3_DAYS: _is_ahead,
    Kind.IN_1_DAY: _is_ahead,
    Kind.TWO_STOPS_AWAY: _is_not_there,
    Kind.CONFIRMATION_NEEDED: _is(State.WEIGHED),
    Kind.CORRECTED: _is(State.CORRECTED),
    Kind.REBOOKED: _is(*OPEN),
    Kind.CANCELLED: _is(State.CANCELLED),
}

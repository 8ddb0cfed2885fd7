"""What people are told about a pickup: by the steps of its life, and on the days before it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from services.collection.domain.judging import STANDS_AFTER
from services.collection.domain.life import Aside
from services.collection.domain.notices import WORTH_FOR, Kind, Notice, Subject, SubjectKind
from services.collection.domain.outcomes import OUTCOMES, RESIDENT
from services.collection.domain.pickup import Pickup
from services.collection.domain.records import Step
from services.collection.domain.states import OPEN, Act, State

AWAY_WORTH_FOR = timedelta(minutes=30)


def notices_of(pickup: Pickup, step: Step, *, now: datetime) -> tuple[Notice, ...]:
    """Return the notices that a step asks for; the same ones whenever it is asked again."""
    make = _NOTICES_OF.get(step.act)
    return make(pickup, step, now + WORTH_FOR) if make else ()


def reminder(pickup: Pickup, kind: Kind) -> Notice:
    """Return the reminder of a pickup; one for each of its days."""
    booking = pickup.booking
    day = booking.service_day.isoformat()
    return Notice(kind, RESIDENT, of_pickup(pickup.pickup_id), day, booking.window_start)


def still_holds(notice: Notice, pickup: Pickup) -> bool:
    """Say whether a notice is still worth sending; else something came after it."""
    holds = _STILL_HOLDS.get(notice.kind)
    return holds is None or holds(notice, pickup)


def of_pickup(pickup_id: str) -> Subject:
    """Return a pickup as the subject of a notice."""
    return Subject(SubjectKind.PICKUP, pickup_id)


def _outcome(pickup: Pickup, step: Step, expires_at: datetime) -> tuple[Notice, ...]:
    told = OUTCOMES[step.about].told if step.about in OUTCOMES else ()
    return tuple(
        Notice(
            Kind.OUTCOME, to, of_pickup(pickup.pickup_id), str(step.number), expires_at, step.about
        )
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
    return (Notice(Kind.TWO_STOPS_AWAY, RESIDENT, of_pickup(tour.warns), day, until),)


def _weighed(pickup: Pickup, step: Step, expires_at: datetime) -> tuple[Notice, ...]:
    recorded_at = pickup.weighing.recorded_at if pickup.weighing else None
    until = expires_at if recorded_at is None else recorded_at + STANDS_AFTER
    asked = Notice(
        Kind.CONFIRMATION_NEEDED, RESIDENT, of_pickup(pickup.pickup_id), str(step.number), until
    )
    return (asked, *_two_stops_away(pickup, step, expires_at))


def _plain(kind: Kind) -> "Make":
    def make(pickup: Pickup, step: Step, expires_at: datetime) -> tuple[Notice, ...]:
        key = str(step.number)
        return (Notice(kind, RESIDENT, of_pickup(pickup.pickup_id), key, expires_at, step.about),)

    return make


def _cancelled(pickup: Pickup, step: Step, expires_at: datetime) -> tuple[Notice, ...]:
    (told,) = _plain(Kind.CANCELLED)(pickup, step, expires_at)
    return (replace(told, needed_by=pickup.booking.window_start),)


def _rebooked(_pickup: Pickup, step: Step, expires_at: datetime) -> tuple[Notice, ...]:
    """It is about the new pickup: its day is what the household wants to know."""
    if step.about is None:
        return ()
    return (Notice(Kind.REBOOKED, RESIDENT, of_pickup(step.about), "1", expires_at),)


Make = Callable[[Pickup, Step, datetime], tuple[Notice, ...]]
_NOTICES_OF: Mapping[str, Make] = {
    Act.ARRIVE: _two_stops_away,
    Act.WEIGH: _weighed,
    Act.FAIL: _failed,
    Act.UPHOLD: _plain(Kind.UPHELD),
    Act.CORRECT: _plain(Kind.CORRECTED),
    Act.CANCEL: _cancelled,
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
    Kind.UPHELD: _is(State.UPHELD),
    Kind.CORRECTED: _is(State.CORRECTED),
    Kind.REBOOKED: _is(*OPEN),
    Kind.CANCELLED: _is(State.CANCELLED),
}

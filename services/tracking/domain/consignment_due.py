"""When time itself has something to say about a consignment. Limits are data with a default."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from services.tracking.domain.consignment import Alarm, Consignment
from services.tracking.domain.consignment_states import State
from services.tracking.domain.manifest import Purpose
from shared.kernel.clock import end_of_legal_day, legal_day

LOADING = frozenset({State.SEALED, State.SIGNED})


class WorkingDays(Protocol):
    """China's working days, with its holidays and make-up workdays."""

    def add(self, day: date, working_days: int) -> date:
        """Return the day that is so many working days after `day` (day 0)."""


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Business time limits. Those without a legal source are a default that a city may change.

    `confirmed_within` and `backfilled_within` are the law's, in working days
    (危險廢物轉移管理辦法); days are legal days, the fact's day is day 0. Devices are believed for
    `signed_offline_within` when a signature was given.
    """

    carrier_absent_after: timedelta = timedelta(hours=4)
    unsigned_days: int = 7
    arrival_overdue_after: timedelta = timedelta(hours=24)
    confirmed_within: int = 5
    backfilled_within: int = 10
    clock_skew: timedelta = timedelta(minutes=5)
    signed_offline_within: timedelta = timedelta(hours=72)


class What(StrEnum):
    """What is due: two are acts, the others alarms for a person."""

    LAPSE = "lapse"
    GO_MISSING = "go-missing"
    CARRIER_ABSENT = "carrier-absent"
    UNSIGNED = "unsigned"
    UNCONFIRMED = "unconfirmed"
    PAPER_OVERDUE = "paper-overdue"


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is due from `at` on; `about` tells one carrier's absence from another's."""

    what: What
    at: datetime
    about: str = ""


def dues(held: Consignment, deadlines: Deadlines, working_days: WorkingDays) -> tuple[Due, ...]:
    """Return what is due or will be, without the alarms that were raised, the earliest first."""
    found = _all(held, deadlines, working_days)
    raised = {(alarm.code, alarm.about) for alarm in held.alarms}
    open_ones = [each for each in found if (each.what.value, each.about) not in raised]
    return tuple(sorted(open_ones, key=lambda each: (each.at, each.what)))


def next_due(held: Consignment, deadlines: Deadlines, working_days: WorkingDays) -> datetime | None:
    """Return when something is due next, or None."""
    found = dues(held, deadlines, working_days)
    return found[0].at if found else None


def alarm_of(due: Due, now: datetime) -> Alarm:
    """Return the alarm that a due thing raises."""
    return Alarm(due.what.value, due.about, now)


def _all(held: Consignment, deadlines: Deadlines, working_days: WorkingDays) -> Iterator[Due]:
    carrier = held.next_carrier
    if carrier is not None and held.state in {*LOADING, State.IN_TRANSIT}:
        at = carrier.planned_at + deadlines.carrier_absent_after
        yield Due(What.CARRIER_ABSENT, at, f"{carrier.carrier_id}/{carrier.trip_id}")
    if held.state is State.SEALED and held.waits_since is not None:
        # The child of a refusal stands at somebody's gate: its number cannot just be void.
        what = What.LAPSE if held.purpose is Purpose.SHIPMENT else What.UNSIGNED
        last_day = legal_day(held.waits_since) + timedelta(days=deadlines.unsigned_days)
        yield Due(what, end_of_legal_day(last_day))
    if held.state is State.IN_TRANSIT and held.expected_at is not None:
        yield Due(What.GO_MISSING, held.expected_at + deadlines.arrival_overdue_after)
    if held.state is State.ARRIVED:
        last_day = working_days.add(legal_day(held.arrivals[-1].at), deadlines.confirmed_within)
        yield Due(What.UNCONFIRMED, end_of_legal_day(last_day), str(len(held.arrivals)))
    paper = held.registration.paper
    if paper is not None and paper.backfilled_at is None:
        yield Due(What.PAPER_OVERDUE, paper.due_at)

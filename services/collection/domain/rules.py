"""Limits and deadlines without a legal source: data with a default, to be changed by a city."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Protocol

from services.collection.domain.outcomes import OUTCOMES
from services.collection.domain.pickup import Pickup
from shared.kernel.clock import at_local, end_of_legal_day
from shared.kernel.errors import Conflict

MISSED_REPORT_WORKING_DAYS = 2
TOUR_ENDS_AT_LATEST = timedelta(hours=12)
MISSES_COUNTED_FOR = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class CutOff:
    """Until when something may be done: `at`, so many (working) days before the service day."""

    at: time
    days_before: int
    working_days: bool = False

    def passed(self, service_day: date, *, now: datetime, calendar: "WorkingDays") -> bool:
        """Say whether it is too late."""
        last = service_day - timedelta(days=self.days_before)
        if self.working_days:
            last = calendar.subtract(service_day, self.days_before)
        return now >= at_local(last, self.at)


@dataclass(frozen=True, slots=True)
class CutOffs:
    """Separate ones to book, amend and cancel."""

    book: CutOff = CutOff(time(20), 1)
    amend: CutOff = CutOff(time(20), 1)
    cancel: CutOff = CutOff(time(6), 0)


class WorkingDays(Protocol):
    """China's working days, with its holidays and make-up workdays."""

    def add(self, day: date, working_days: int) -> date:
        """Return the day that is so many working days after `day` (day 0)."""

    def subtract(self, day: date, working_days: int) -> date:
        """Return the day that is so many working days before `day` (day 0)."""

    def is_working_day(self, day: date) -> bool:
        """Say whether people work on a day."""


def check_cut_off(
    cut_off: CutOff, service_day: date, *, now: datetime, calendar: WorkingDays
) -> None:
    """Raise `Conflict` (collection.too_late) past a cut-off."""
    if cut_off.passed(service_day, now=now, calendar=calendar):
        raise Conflict("collection.too_late", "the cut-off for this has passed")


def check_missed_report(pickup: Pickup, *, now: datetime, working_days: WorkingDays) -> None:
    """Raise `Conflict` where a missed report is not admissible.

    Within 2 working days after the service day (day 0), at the end of the day; not while the tour
    is unfinished, 12 h after the window's end at the latest; not where the crew logged a reason,
    but for those that leave the claim open (outcomes.py).
    """
    if pickup.outcome is not None and not OUTCOMES[pickup.outcome].missed_report:
        raise Conflict("collection.outcome_logged", "the crew was there and logged a reason")
    finished_at = pickup.booking.window_end
    if pickup.tour is not None:
        latest = pickup.booking.window_end + TOUR_ENDS_AT_LATEST
        finished_at = min(max(pickup.tour.tour_ends_at, finished_at), latest)
    if now < finished_at:
        raise Conflict("collection.tour_unfinished", "the collectors are still on their way")
    last_day = working_days.add(pickup.booking.service_day, MISSED_REPORT_WORKING_DAYS)
    if now >= end_of_legal_day(last_day):
        raise Conflict("collection.too_late", "a missed pickup is reported within 2 working days")

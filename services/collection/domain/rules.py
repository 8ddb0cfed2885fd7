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


def check_missed_report(
    pickup: Pickup, *, others_open: bool, now: datetime, working_days: WorkingDays
) -> None:
    """Raise `Conflict` where a missed report is not admissible.

    Within 2 working days after the service day (day 0), at the end of the day; not while the tour
    is unfinished (`tour_finished_at`); not where the crew logged a reason, but for those that
    leave the claim open (outcomes.py).
    """
    if pickup.outcome is not None and not OUTCOMES[pickup.outcome].missed_report:
        raise Conflict("collection.outcome_logged", "the crew was there and logged a reason")
    if now < tour_finished_at(pickup, others_open=others_open):
        raise Conflict("collection.tour_unfinished", "the collectors are still on their way")
    last_day = working_days.add(pickup.booking.service_day, MISSED_REPORT_WORKING_DAYS)
    if now >= end_of_legal_day(last_day):
        raise Conflict("collection.too_late", "a missed pickup is reported within 2 working days")


def tour_finished_at(pickup: Pickup, *, others_open: bool) -> datetime:
    """Return when a pickup's tour counts as finished.

    At its planned end, or later where stops beside this one are open still (`others_open`): crews
    run late. 12 h after the shift's end at the latest, as nobody may ever tell of those; after the
    window's end where the plan does not tell the shift's. Never within the window.
    """
    window_end, tour = pickup.booking.window_end, pickup.tour
    if tour is None:
        return window_end
    latest = (tour.shift_ends_at or window_end) + TOUR_ENDS_AT_LATEST
    finished_at = latest if others_open else min(tour.tour_ends_at, latest)
    return max(window_end, finished_at)

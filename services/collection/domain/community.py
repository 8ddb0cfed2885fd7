"""A community's rules: until when, when, how many, and when not. Data with defaults.

`weekly` says which bands are offered on which weekdays; `closures` take days away.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from services.collection.domain.pools import CAPACITY_MAX
from services.collection.domain.rules import CutOff, CutOffs, WorkingDays
from services.collection.domain.slots import BANDS, SlotName
from shared.kernel.errors import Invalid

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
WEEKLY_MAX = 21
CLOSURES_MAX = 100
HORIZON_DAYS_MAX = 60
DAYS_BEFORE_MAX = 30


@dataclass(frozen=True, slots=True)
class WeeklyBand:
    """A band on some weekdays, with so many places.

    `on_holidays`: also on a day off by the calendar. `on_make_up_days`: also on a weekend day that
    the State Council made a working day, whichever weekdays are named.
    """

    weekdays: tuple[str, ...]
    band: str
    capacity: int
    on_holidays: bool = False
    on_make_up_days: bool = False

    def is_on(self, day: date, *, calendar: WorkingDays) -> bool:
        """Say whether the band is offered on a day."""
        is_weekend = day.weekday() >= 5
        if is_weekend and calendar.is_working_day(day) and self.on_make_up_days:
            return True
        is_holiday = not is_weekend and not calendar.is_working_day(day)
        return WEEKDAYS[day.weekday()] in self.weekdays and (self.on_holidays or not is_holiday)


@dataclass(frozen=True, slots=True)
class Closure:
    """Days [first, last] without collection, of one band or all, with a reason as a code."""

    first: date
    last: date
    reason: str
    band: str | None = None

    def closes(self, name: SlotName) -> bool:
        """Say whether a slot is closed by this."""
        return self.first <= name.service_day <= self.last and self.band in (None, name.band)


@dataclass(frozen=True, slots=True)
class CommunityRules:
    """What holds in a community."""

    community_code: str
    cut_offs: CutOffs = CutOffs()  # noqa: RUF009 - frozen, so one default serves all
    weekly: tuple[WeeklyBand, ...] = ()
    closures: tuple[Closure, ...] = ()
    horizon_days: int = 14

    def offered(self, today: date, *, calendar: WorkingDays) -> list[tuple[SlotName, int]]:
        """Return the slots from tomorrow to the horizon, each with its places."""
        days = [today + timedelta(days=ahead) for ahead in range(1, self.horizon_days + 1)]
        names = {
            SlotName(self.community_code, day, each.band): each.capacity
            for day in days
            for each in self.weekly
            if each.is_on(day, calendar=calendar)
        }
        return [(name, places) for name, places in names.items() if not self.closure(name)]

    def closure(self, name: SlotName) -> str | None:
        """Return why a slot is closed, or None."""
        return next((each.reason for each in self.closures if each.closes(name)), None)


def check_rules(rules: CommunityRules) -> None:
    """Raise `Invalid` (rules.…) for rules that cannot be."""
    if len(rules.weekly) > WEEKLY_MAX or len(rules.closures) > CLOSURES_MAX:
        raise Invalid("rules.too_many", f"up to {WEEKLY_MAX} bands and {CLOSURES_MAX} closures")
    if not 1 <= rules.horizon_days <= HORIZON_DAYS_MAX:
        raise Invalid("rules.horizon", f"a horizon is 1 to {HORIZON_DAYS_MAX} days")
    for each in rules.weekly:
        _check_band(each)
    for closure in rules.closures:
        if closure.last < closure.first or closure.band not in (None, *BANDS):
            raise Invalid(
                "rules.closure", "a closure ends after it begins and names a band or none"
            )
    for cut_off in (rules.cut_offs.book, rules.cut_offs.amend, rules.cut_offs.cancel):
        _check_cut_off(cut_off)


def _check_band(each: WeeklyBand) -> None:
    if each.band not in BANDS or not set(each.weekdays) <= set(WEEKDAYS):
        raise Invalid("rules.band", "a band is morning, afternoon or evening, on days mon to sun")
    if not 1 <= each.capacity <= CAPACITY_MAX:
        raise Invalid("rules.capacity", f"a slot has 1 to {CAPACITY_MAX} places")


def _check_cut_off(cut_off: CutOff) -> None:
    if not 0 <= cut_off.days_before <= DAYS_BEFORE_MAX:
        raise Invalid("rules.cut_off", f"a cut-off is 0 to {DAYS_BEFORE_MAX} days before")

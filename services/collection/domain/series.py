"""A series: pickups that recur by a rule, except on skipped and paused days, until it ends.

The series decides, in its one document, which days within reach it wants; what is to be done about
each is kept there until it is done (application/materialising.py). Reach grows day by day with the
community's horizon.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta

from services.collection.domain.booking import Item
from services.collection.domain.occurrences import TO_DO, Occurrence
from services.collection.domain.recurrence import Recurrences, Rule
from services.collection.domain.slots import BANDS, SlotName
from shared.kernel.clock import at_local
from shared.kernel.errors import Conflict, Invalid, Stale

# Limits without a legal source. A series is renewed, not kept for ever.
LASTS_AT_MOST = timedelta(days=3 * 366)
BEGINS_WITHIN = timedelta(days=366)
SKIPPED_MAX = 200
PAUSES_MAX = 12
EDITIONS_MAX = 500
KEPT = timedelta(days=14)
TRIED_AGAIN_AFTER = timedelta(minutes=5)
AT_ONCE = datetime(1970, 1, 1, tzinfo=UTC)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pattern:
    """What recurs: from `first` on, by a rule, a band of the day and what is handed over."""

    rule: Rule
    first: date
    band: str
    items: tuple[Item, ...]

    @property
    def latest(self) -> date:
        """The last day that may be one of it."""
        return self.first + LASTS_AT_MOST


@dataclass(frozen=True, slots=True)
class Pause:
    """Days [first, last] without a pickup; an open end is `None`."""

    first: date
    last: date | None = None

    def covers(self, day: date) -> bool:
        """Say whether a day is paused."""
        return self.first <= day and (self.last is None or day <= self.last)


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a decision about days looks at. `too_late` says whether a day cannot be given up."""

    today: date
    horizon: date
    now: datetime
    too_late: Callable[[date], bool]
    recurrences: Recurrences


@dataclass(frozen=True, slots=True)
class Series:
    """The whole series. `edition` counts what was ordered, `due_at` is when work waits next.

    `claimed_to` is the last day for which pickups may have been made, `claimed_on` the day on
    which that was decided; `last` is the last day of an ended series.
    """

    series_id: str
    household_id: str
    community_code: str
    pattern: Pattern
    begun_at: datetime
    due_at: datetime
    edition: int = 1
    last: date | None = None
    skipped: tuple[date, ...] = ()
    pauses: tuple[Pause, ...] = ()
    claimed_on: date | None = None
    claimed_to: date | None = None
    occurrences: tuple[Occurrence, ...] = ()

    def slot_of(self, day: date) -> SlotName:
        """Return the slot of a day."""
        return SlotName(self.community_code, day, self.pattern.band)

    def days(self, first: date, last: date, *, recurrences: Recurrences) -> list[date]:
        """Return the wanted days in [first, last]."""
        pattern = self.pattern
        ends = min(last, pattern.latest, self.last or last)
        found = recurrences.days(pattern.rule.text, start=pattern.first, first=first, last=ends)
        return [day for day in found if not self._is_off(day)]

    def claimed(self, outlook: Outlook) -> "Series":
        """Reach as far as the horizon; nothing else changes."""
        return self._replanned(outlook, changed=False)

    def amended(self, pattern: Pattern, outlook: Outlook) -> "Series":
        """Follow another pattern from today on; what is booked and not under way follows too."""
        check_pattern(pattern, today=outlook.today, recurrences=outlook.recurrences)
        said = replace(self._ordered(outlook), pattern=pattern)
        handed = (pattern.band, pattern.items) != (self.pattern.band, self.pattern.items)
        return said._replanned(outlook, changed=handed)

    def skip(self, day: date, outlook: Outlook) -> "Series":
        """Leave out one day; skipping it again is the same. A withdrawn pickup stays withdrawn."""
        if day in self.skipped:
            return self
        if day < outlook.today or not self.days(day, day, recurrences=outlook.recurrences):
            raise Invalid("series.not_a_day", "the series has no pickup on this day")
        if outlook.too_late(day):
            raise Conflict("collection.too_late", "the cut-off for this has passed")
        coming = [each for each in self.skipped if each >= outlook.today - KEPT]
        if len(coming) >= SKIPPED_MAX:
            raise Conflict("series.too_many", f"up to {SKIPPED_MAX} days are skipped")
        said = replace(self._ordered(outlook), skipped=tuple(sorted([*coming, day])))
        return said._replanned(outlook, changed=False)

    def pause(self, pause: Pause, outlook: Outlook) -> "Series":
        """Leave out some days, or all until it is resumed."""
        if pause.first < outlook.today or (pause.last is not None and pause.last < pause.first):
            raise Invalid("series.pause", "a pause begins today or later and ends after it begins")
        coming = [each for each in self.pauses if each.last is None or each.last >= outlook.today]
        if len(coming) >= PAUSES_MAX:
            raise Conflict("series.too_many", f"up to {PAUSES_MAX} pauses")
        said = replace(self._ordered(outlook), pauses=(*coming, pause))
        return said._replanned(outlook, changed=False)

    def resume(self, day: date, outlook: Outlook) -> "Series":
        """Go on from a day, today or later: pauses end before it."""
        if day < outlook.today:
            raise Invalid("series.pause", "a series goes on today or later")
        eve = day - timedelta(days=1)
        cut = [
            Pause(each.first, min(each.last or eve, eve))
            for each in self.pauses
            if each.first < day
        ]
        said = replace(self._ordered(outlook), pauses=tuple(cut))
        return said._replanned(outlook, changed=False)

    def closed(self, outlook: Outlook) -> "Series":
        """End it because its household is gone: no day is wanted any more."""
        said = replace(self, last=outlook.today - timedelta(days=1), edition=self.edition + 1)
        return said._replanned(outlook, changed=False)

    def end(self, last: date, outlook: Outlook) -> "Series":
        """End after a day, yesterday or later; an end can be moved forward only."""
        if last < outlook.today - timedelta(days=1) or (self.last is not None and last > self.last):
            raise Invalid("series.end", "an end is not in the past, nor later than it was")
        said = replace(self._ordered(outlook), last=last)
        return said._replanned(outlook, changed=False)

    def noted(self, told: "Told", outlook: Outlook) -> "Series":
        """Note what was done about days, as far as the orders are those that it was done for."""
        if told.edition != self.edition:
            return self
        done = {before.day: (before, after) for before, after in told.results}
        occurrences = tuple(_noted(held, done.get(held.day)) for held in self.occurrences)
        return replace(self, occurrences=occurrences)._scheduled(outlook)

    def to_do(self, *, now: datetime) -> list[Occurrence]:
        """Return the days about which something is to be done now, the earliest first."""
        return [each for each in self.occurrences if _task_due(each) <= now]

    def expect(self, edition: int | None) -> None:
        """Raise `Stale` (series.stale) for an order that is meant for another edition."""
        if edition not in (None, self.edition):
            raise Stale("series.stale", "the series is not at this edition")

    def _ordered(self, outlook: Outlook) -> "Series":
        if self.last is not None and self.last < outlook.today:
            raise Conflict("series.ended", "this series has ended")
        if self.edition >= EDITIONS_MAX:
            raise Conflict("series.too_many", f"a series is changed {EDITIONS_MAX} times")
        return replace(self, edition=self.edition + 1)

    def _is_off(self, day: date) -> bool:
        return day in self.skipped or any(each.covers(day) for each in self.pauses)

    def _replanned(self, outlook: Outlook, *, changed: bool) -> "Series":
        reach = max(outlook.horizon, self.claimed_to or outlook.horizon)
        wanted = set(self.days(outlook.today, reach, recurrences=outlook.recurrences))
        held = {each.day: each for each in self.occurrences if each.day >= outlook.today - KEPT}
        planned = []
        for day in sorted(wanted | held.keys()):
            present = held.get(day, Occurrence(day))
            if day in wanted:
                present = present.wanted(changed=changed)
            elif day >= outlook.today:
                present = present.unwanted(too_late=outlook.too_late(day))
            planned.append(present)
        claimed = replace(
            self, occurrences=tuple(planned), claimed_on=outlook.today, claimed_to=reach
        )
        return claimed._scheduled(outlook)

    def _scheduled(self, outlook: Outlook) -> "Series":
        due = [_task_due(each) for each in self.occurrences]
        if self.claimed_on is not None and self._goes_on(outlook):
            due.append(at_local(self.claimed_on + timedelta(days=1), time()))
        return replace(self, due_at=min(due, default=NEVER))

    def _goes_on(self, outlook: Outlook) -> bool:
        """Say whether days may come that nobody looked at yet; a pause hides none of them."""
        behind = (self.claimed_to or outlook.today) + timedelta(days=1)
        pattern = self.pattern
        ends = min(pattern.latest, self.last or pattern.latest)
        return bool(
            outlook.recurrences.days(
                pattern.rule.text, start=pattern.first, first=behind, last=ends
            )
        )


@dataclass(frozen=True, slots=True)
class Told:
    """What was done about days, as (before, after), on the orders of an edition."""

    edition: int
    results: tuple[tuple[Occurrence, Occurrence], ...]


def check_pattern(pattern: Pattern, *, today: date, recurrences: Recurrences) -> None:
    """Raise `Invalid` (series.band, series.first, series.no_days) for what cannot recur."""
    if pattern.band not in BANDS:
        raise Invalid("series.band", "a band is morning, afternoon or evening")
    if not today - LASTS_AT_MOST < pattern.first <= today + BEGINS_WITHIN:
        raise Invalid("series.first", "a series begins within a year, and lasts three at most")
    coming = max(today, pattern.first)
    start, rule = pattern.first, pattern.rule.text
    if not recurrences.days(rule, start=start, first=coming, last=pattern.latest):
        raise Invalid("series.no_days", "by this rule no day will come")


def _task_due(held: Occurrence) -> datetime:
    if held.standing not in TO_DO:
        return NEVER
    if held.tried_at is None:
        return AT_ONCE
    return held.tried_at + TRIED_AGAIN_AFTER


def _noted(held: Occurrence, done: tuple[Occurrence, Occurrence] | None) -> Occurrence:
    return done[1] if done is not None and done[0].is_same_task(held) else held

"""A house with a rota: series over the in-memory twins, and somebody else at a chosen moment."""

from dataclasses import replace
from datetime import date, timedelta

from services.collection.adapters.announcements import announce
from services.collection.adapters.recurrences import RuleDays
from services.collection.application import opening, recurring
from services.collection.application.materialising import materialise_all
from services.collection.application.rota import Rota
from services.collection.domain.occurrences import Standing
from services.collection.domain.recurrence import rule_of
from services.collection.domain.series import Pattern, Pause
from services.collection.domain.slots import SlotName
from services.collection.domain.states import State
from services.collection.entrypoints.series_views import series_view
from shared.kernel.aggregate import Answer, Request
from shared.kernel.clock import legal_day
from tests.unit.collection.builders import COMMUNITY, ITEMS, NOW, House
from tests.unit.collection.fakes import InMemorySeries

TODAY = legal_day(NOW)  # a Tuesday
THURSDAYS = "FREQ=WEEKLY;BYDAY=TH"
FIRST = date(2026, 11, 26)
REACH = 40
LIVE = set(State) - {State.CANCELLED, State.LAPSED}


def asked(scope, status=200):
    def render(stored):
        return Answer(status, series_view(stored).model_dump_json().encode())

    return Request(scope, f"body of {scope}", render)


class EveryId:
    """The ids of all pickups: a series makes some that no test names."""

    def __init__(self, pickups):
        self._pickups = pickups

    def __iter__(self):
        return iter(list(self._pickups._documents))

    def add(self, pickup_id):
        """It will be there by itself."""


class SeriesHouse(House):
    """Slots every morning and afternoon for 40 days; `meanwhile` runs once at a label."""

    def __init__(self, *, capacity=2, opened=REACH, **rest):
        super().__init__(capacity=capacity, **rest)
        self.series = InMemorySeries(announce)
        self.rota = Rota(self.desk, self.series, self.series, RuleDays())
        self.search.ids = EveryId(self.pickups)
        self.meanwhile = {}
        self.scopes = 0
        for ahead in range(opened):
            for band in ("morning", "afternoon"):
                day = TODAY + timedelta(days=ahead)
                opening.add_slot(SlotName(COMMUNITY, day, band), capacity=capacity, desk=self.desk)

    def _reached(self, label):
        super()._reached(label)
        act = self.meanwhile.pop(label, None)
        if act is not None:
            act()

    def scope(self):
        self.scopes += 1
        return asked(f"order {self.scopes}")

    def begin(self, rule=THURSDAYS, *, first=FIRST, band="morning", series_id="s-1", **rest):
        pattern = Pattern(rule_of(rule), first, band, ITEMS)
        cmd = recurring.BeginSeries(series_id, "home", pattern, "resident-1", False, **rest)
        return recurring.begin_series(cmd, rota=self.rota, request=asked(f"begin {series_id}", 201))

    def own(self, *, edition=None, is_staff=False, caller="resident-1"):
        return recurring.Own("s-1", caller, is_staff, edition)

    def skip(self, day, **own):
        return recurring.skip_day(self.own(**own), day, rota=self.rota, request=self.scope())

    def pause(self, first, last=None):
        pause = Pause(first, last)
        return recurring.pause_series(self.own(), pause, rota=self.rota, request=self.scope())

    def resume(self, day=None):
        return recurring.resume_series(self.own(), day, rota=self.rota, request=self.scope())

    def end(self, last=None, **own):
        return recurring.end_series(self.own(**own), last, rota=self.rota, request=self.scope())

    def change(self, *, rule=None, edition=None, **what):
        if rule:
            what["rule"] = rule_of(rule)
        return recurring.amend_series(
            self.own(edition=edition),
            lambda held: replace(held, **what),
            rota=self.rota,
            request=self.scope(),
        )

    def work(self, *, later=timedelta()):
        """What the worker does; `later` makes what was tried due again."""
        self.clock.advance(later)
        rounds = 0
        while materialise_all(rota=self.rota):
            rounds += 1
            assert rounds < 20, "work that never ends"

    def said(self, series_id="s-1"):
        return self.series.get(series_id).state

    def standing(self, day=FIRST):
        return next(each for each in self.said().occurrences if each.day == day)

    def made(self, day):
        """All pickups that there ever were of a day."""
        held = next((each for each in self.said().occurrences if each.day == day), None)
        attempts = range(1, (held.attempt if held else 1) + 1)
        ids = [replace(held, attempt=n).pickup_id("s-1") for n in attempts] if held else []
        return [stored.state for stored in self.search.many(ids).values()]

    def live(self, day):
        return [pickup for pickup in self.made(day) if pickup.state in LIVE]

    def booked_days(self):
        days = [each.day for each in self.said().occurrences]
        return [day for day in days if self.live(day)]


__all__ = ["FIRST", "LIVE", "REACH", "THURSDAYS", "TODAY", "SeriesHouse", "Standing"]

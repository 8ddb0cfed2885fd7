"""The contract of `SeriesSearch`: the twin and the real adapter find the same series."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.collection.adapters.announcements import announce
from services.collection.adapters.mongo_series import MongoSeries
from services.collection.domain.recurrence import rule_of
from services.collection.domain.series import NEVER, Pattern, Series
from shared.kernel.aggregate import Decision
from tests.unit.collection.builders import COMMUNITY, ITEMS, NOW
from tests.unit.collection.fakes import InMemorySeries
from tests.unit.collection.series_house import FIRST, THURSDAYS

pytestmark = pytest.mark.integration


@pytest.fixture(params=["in-memory", "mongo"])
def series(request):
    if request.param == "in-memory":
        return InMemorySeries(announce)
    made = MongoSeries(request.getfixturevalue("fresh_database")["series"])
    made.prepare()
    return made


def keep(series, name, *, due_in_s=0, household_id="home", due_at=None):
    pattern = Pattern(rule_of(THURSDAYS), FIRST, "morning", ITEMS)
    due = due_at or NOW + timedelta(seconds=due_in_s)
    held = Series(name, household_id, COMMUNITY, pattern, begun_at=NOW, due_at=due)
    series.create(name, Decision(held))


def test_gives_what_is_due_the_longest_waiting_first(series):
    for name, due_in_s in (("a", -1), ("b", -3), ("c", 0), ("later", 1)):
        keep(series, name, due_in_s=due_in_s)

    assert list(series.due(NOW, limit=9)) == ["b", "a", "c"]
    assert list(series.due(NOW, limit=1)) == ["b"]


def test_counts_a_households_series_that_go_on(series):
    keep(series, "a")
    keep(series, "over", due_at=NEVER)
    keep(series, "of-another", household_id="other")

    assert (series.going_on("home"), series.going_on("nobody")) == (1, 0)


def test_keeps_a_whole_series(series):
    keep(series, "a")
    series.change("a", lambda held: Decision(replace(held, skipped=(FIRST,), claimed_to=FIRST)))

    stored = series.get("a").state
    assert (stored.skipped, stored.claimed_to, stored.pattern.rule.text) == (
        (FIRST,),
        FIRST,
        THURSDAYS,
    )

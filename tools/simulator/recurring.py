"""Households whose pickups recur: days come from a series, are skipped, paused, taken up again.

A series books its days by itself, and a worker ends what a request began: what was ordered is
waited for, so that the tally knows what the city owes.
"""

from datetime import date, timedelta

from tools.simulator.api import OPERATOR, Json
from tools.simulator.city import Want
from tools.simulator.stage import Recurring, Stage
from tools.simulator.waiting import until

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
SERIES_TO_LEAVE_OUT = 4
PAUSED_FOR = timedelta(days=6)


def rule_on(day: date, number: int) -> str:
    """Return an RRULE of which `day` is one; residents have different ones."""
    weekday, place = WEEKDAYS[day.weekday()], (day.day - 1) // 7 + 1
    return (
        f"FREQ=WEEKLY;BYDAY={weekday}",
        f"FREQ=WEEKLY;INTERVAL=2;BYDAY={weekday}",
        f"FREQ=MONTHLY;BYDAY={place if place < 5 else -1}{weekday}",
        f"FREQ=MONTHLY;BYMONTHDAY={day.day}",
    )[number % 4]


def begin_series(stage: Stage, want: Want, items: list[Json]) -> str:
    """Begin a series on the service day; return that day's pickup once it is booked."""
    person, day = stage.person(want.number), stage.city.service_day
    body = {
        "household_id": stage.homes[want.number],
        "rule": rule_on(day, want.number),
        "first": day.isoformat(),
        "band": want.band,
        "items": items,
        "note": person.note,
    }
    series = stage.api.post("collection", "/v1/series", body, caller=person.caller)
    pickup_id = _standing(stage, series["series_id"], "booked")
    stage.tally.count("series")
    stage.note_booked(pickup_id, want.number)
    stage.series[pickup_id] = Recurring(series["series_id"], want.number, pickup_id)
    return pickup_id


def leave_out_days(stage: Stage) -> None:
    """Skip the day of one series, pause another, pause a third and take it up again."""
    going = [each for each in stage.series.values() if each.pickup_id not in stage.cancelled]
    if len(going) < SERIES_TO_LEAVE_OUT:
        return
    skipped, paused, resumed = sorted(going, key=lambda each: each.number)[:3]
    day = stage.city.service_day
    _order(stage, skipped, "skips", {"day": day.isoformat()})
    _withdrawn(stage, skipped)
    pause = {"first": day.isoformat(), "last": (day + PAUSED_FOR).isoformat()}
    for each in (paused, resumed):
        _order(stage, each, "pauses", pause)
        _withdrawn(stage, each)
    _order(stage, resumed, "resumption", {})
    again = _standing(stage, resumed.series_id, "booked")
    stage.note_booked(again, resumed.number)
    stage.series[again] = Recurring(resumed.series_id, resumed.number, again)


def end_series(stage: Stage) -> None:
    """End the series, and count what each says of its day: a pickup that stands, or none."""
    latest = {each.series_id: each for each in stage.series.values()}
    stage.each("series", sorted(latest.values(), key=lambda e: e.number), lambda s: _end(stage, s))


def _end(stage: Stage, series: Recurring) -> None:
    if series.number not in stage.erasures:
        _order(stage, series, "end", {})
    told = _day_of(stage, series.series_id)
    stage.tally.count("series_stand", series.pickup_id not in stage.cancelled)
    stage.tally.count("series_told", told["pickup_state"] not in ("cancelled", "lapsed"))


def _order(stage: Stage, series: Recurring, what: str, body: Json) -> None:
    path = f"/v1/series/{series.series_id}/{what}"
    resident = stage.person(series.number).caller
    stage.api.post("collection", path, body, caller=resident)


def _withdrawn(stage: Stage, series: Recurring) -> None:
    _standing(stage, series.series_id, "withdrawn")
    stage.note_cancelled(series.pickup_id)


def _standing(stage: Stage, series_id: str, standing: str) -> str:
    """Wait until it stands so with the service day; return the day's pickup."""
    until(lambda: _day_of(stage, series_id)["standing"] == standing, what=f"a day is {standing}")
    return str(_day_of(stage, series_id)["pickup_id"])


def _day_of(stage: Stage, series_id: str) -> Json:
    series = stage.api.get("collection", f"/v1/series/{series_id}", caller=OPERATOR)
    day = stage.city.service_day.isoformat()
    return next(dict(each) for each in series["occurrences"] if each["day"] == day)

"""The day itself: collectors drive their tours, weigh and grade, and unload."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from shared.kernel.clock import at_local
from shared.reference.materials import material as known_material
from tools.simulator.api import Caller, Json
from tools.simulator.booking import container_tag
from tools.simulator.calibration import GRADE_MIX
from tools.simulator.city import pick
from tools.simulator.forgetting import weigh_all_the_same
from tools.simulator.permits import attach_permits
from tools.simulator.stage import OfflineWeighing, Stage

TICK = timedelta(minutes=30)
EVENING = time(21)
SCALE_TARE_G = 1_200


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that a collector does: a stop, or an unloading after a trip."""

    at: datetime
    tour: Json
    stop: Json | None
    trip: int


def drive_day(stage: Stage, tours: Sequence[Json]) -> None:
    """Let all collectors work, half an hour of the day after another."""
    acts = sorted((act for tour in tours for act in _acts(tour)), key=lambda act: act.at)
    ticks: dict[datetime, list[Act]] = defaultdict(list)
    for act in acts:
        ticks[_tick(act.at)].append(act)
    stage.progress.begin("collecting", len(acts))
    for at in sorted(ticks):
        stage.set_clock(at + TICK)
        stops = [act for act in ticks[at] if act.stop is not None]
        unloadings = [act for act in ticks[at] if act.stop is None]
        stage.together(stops, lambda act: _visit(stage, act))
        stage.together(unloadings, lambda act: _unload(stage, act))
    # It gets evening where nobody drives, too: deadlines of the day pass.
    evening = at_local(stage.city.service_day, EVENING)
    stage.set_clock(max([evening, *(at + TICK for at in ticks)]))


def _tick(at: datetime) -> datetime:
    return at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0)


def _acts(tour: Json) -> list[Act]:
    """Return a tour's stops, and an unloading a while after the last stop of each trip."""
    acts, trips = [], defaultdict(list)
    for stop in tour["stops"]:
        at = datetime.fromisoformat(stop["eta"])
        acts.append(Act(at, tour, stop, stop["trip"]))
        trips[stop["trip"]].append(at)
    for trip, times in trips.items():
        acts.append(Act(max(times) + timedelta(minutes=45), tour, None, trip))
    return acts


def _visit(stage: Stage, act: Act) -> None:
    stop = act.stop or {}
    booking = stage.bookings[stop["pickup_id"]]
    collector = Caller("collector", act.tour["collector_id"])
    if booking.pickup_id in stage.unaware:
        body = _weigh_in(stage, act)
        weigh_all_the_same(stage, booking.pickup_id, body, collector=collector)
        return
    if booking.pickup_id in stage.cancelled:
        return
    dice = stage.dice("visit", booking.number)
    draw = dice.random()
    noise = stage.noise
    if draw >= noise.missed and dice.random() < noise.approach_told:
        _approach(stage, act, booking.pickup_id, collector)
    if draw < noise.missed:
        stage.missed.add(booking.pickup_id)
    elif draw < noise.missed + noise.not_out + noise.no_access:
        outcome = "not_out" if draw < noise.missed + noise.not_out else "no_access"
        body = {"outcome": outcome, "happened_at": act.at.isoformat()}
        path = f"/v1/pickups/{booking.pickup_id}/outcomes"
        stage.api.post("collection", path, body, caller=collector)
        stage.tally.count("failed")
    else:
        _weigh(stage, act, collector)


def _approach(stage: Stage, act: Act, pickup_id: str, collector: Caller) -> None:
    """Tell that the collector set out, and is at the door."""
    path = f"/v1/pickups/{pickup_id}/approach"
    for progress, ahead in (("en_route", timedelta(minutes=6)), ("at_door", timedelta())):
        body = {"progress": progress, "happened_at": (act.at - ahead).isoformat()}
        stage.api.post("collection", path, body, caller=collector)


def _weigh(stage: Stage, act: Act, collector: Caller) -> None:
    booking = stage.bookings[(act.stop or {})["pickup_id"]]
    body = _weigh_in(stage, act)
    offline = stage.dice("offline-phone", booking.number).random() < stage.noise.offline
    attach_permits(stage, body["lots"], collector=collector, offline=offline)
    if offline:
        kept = OfflineWeighing(booking.pickup_id, collector.subject, body)
        stage.offline.append(kept)
        return
    path = f"/v1/pickups/{booking.pickup_id}/weigh-ins"
    weighed = stage.api.post("collection", path, body, caller=collector)
    stage.note_weighed(booking.pickup_id, weighed)


def _weigh_in(stage: Stage, act: Act) -> Json:
    """Return what the scale says of all that is at the door."""
    booking = stage.bookings[(act.stop or {})["pickup_id"]]
    want = stage.city.wants[booking.number]
    dice = stage.dice("weigh", booking.number)
    lots = [
        _lot(stage, act, name, mass_g=mass_g, number=booking.number) for name, mass_g in want.actual
    ]
    net_g = sum(lot["mass_g"] for lot in lots)
    late = timedelta(minutes=90 if dice.random() < stage.noise.late_upload else 0)
    return {
        "vehicle_id": act.tour["vehicle_id"],
        "scale_id": f"scale-{act.tour['vehicle_id']}",
        "gross_g": net_g + SCALE_TARE_G,
        "tare_g": SCALE_TARE_G,
        "weighed_at": (act.at - late).isoformat(),
        "lots": lots,
    }


def _lot(stage: Stage, act: Act, name: str, *, mass_g: int, number: int) -> dict[str, Any]:
    dice = stage.dice("lot", number, name)
    dirty = dice.random() < stage.noise.contaminated
    lot: dict[str, Any] = {
        "material": name,
        "grade": pick(GRADE_MIX, dice),
        "mass_g": mass_g,
        "contamination_bp": dice.randint(200, 3000) if dirty else 0,
    }
    if known_material(name).hazardous:
        unknown = dice.random() < stage.noise.unknown_tag
        tag = container_tag(act.tour["vehicle_id"], name)
        lot["container_tag"] = f"GL-LOST-{number}" if unknown else tag
        lot["condition"] = "broken" if dice.random() < stage.noise.broken else "intact"
        stage.tally.count("unknown_tags" if unknown else "contained")
    return lot


def _unload(stage: Stage, act: Act) -> None:
    on_trip = [stop["pickup_id"] for stop in act.tour["stops"] if stop["trip"] == act.trip]
    offline = {each.pickup_id for each in stage.offline}
    loaded = [each for each in on_trip if each in stage.weighed or each in offline]
    if not loaded:
        return
    body = {"trip": act.trip, "pickup_ids": loaded, "unloaded_at": act.at.isoformat()}
    collector = Caller("collector", act.tour["collector_id"])
    path = f"/v1/tours/{act.tour['tour_id']}/unloadings"
    stage.api.post("routing", path, body, caller=collector)
    stage.tally.count("unloaded", len(loaded))

"""The day before: the operator opens the city, residents register, book, amend and cancel."""

from collections import Counter
from datetime import datetime, time, timedelta
from functools import partial

from shared.kernel.clock import at_local
from shared.reference.materials import material as known_material
from tools.simulator.api import OPERATOR, Json
from tools.simulator.calibration import GRADE_SHARE_PERCENT, HAZARDOUS_MIX, PRICE_FEN_PER_KG
from tools.simulator.city import Vehicle, Want
from tools.simulator.recurring import begin_series
from tools.simulator.sites import Site
from tools.simulator.stage import Stage

# More places than bookings, so that a repeat after a lost answer never finds a slot full.
SPARE_PLACES = 5


def open_city(stage: Stage) -> None:
    """Register depots, facilities, vehicles, containers, the price list and the slots."""
    _open_at(stage, time(9))
    for kind, places in (("depots", stage.city.depots), ("facilities", stage.city.facilities)):
        for place in places:
            body = {
                "id": place.name,
                "latitude": place.latitude,
                "longitude": place.longitude,
                "service_s": 900 if kind == "facilities" else 0,
                "opens": "06:00",
                "closes": "23:00",
            }
            stage.allowed(partial(stage.api.post, "routing", f"/v1/{kind}", body, caller=OPERATOR))
    stage.each("vehicles and containers", stage.city.vehicles, lambda v: _register(stage, v))
    _publish_prices(stage)
    _open_slots(stage)


def _open_at(stage: Stage, at: time) -> None:
    stage.set_clock(at_local(stage.city.service_day - timedelta(days=1), at))


def _register(stage: Stage, vehicle: Vehicle) -> None:
    body = {
        "vehicle_id": vehicle.vehicle_id,
        "depot_id": vehicle.depot_id,
        "capacity_g": vehicle.capacity_g,
        "licences": ["hazardous"] if vehicle.licensed else [],
        "collector_id": vehicle.collector_id,
        "shift_start": "07:00",
        "shift_end": "21:00",
    }
    stage.api.post("routing", "/v1/vehicles", body, caller=OPERATOR)
    stage.allowed(lambda: _register_scale(stage, vehicle))
    if vehicle.licensed:
        for material, _ in HAZARDOUS_MIX:
            container = {
                "tag": container_tag(vehicle.vehicle_id, material),
                "container_type": "box-60l",
                "material": material,
                "tare_g": 4_000,
                "limit_g": 1_000_000,
            }
            stage.api.post("tracking", "/v1/containers", container, caller=OPERATOR)


def _register_scale(stage: Stage, vehicle: Vehicle) -> None:
    day = stage.city.service_day
    verified = {
        "certificate": f"certificate-{vehicle.vehicle_id}",
        "valid_from": at_local(day - timedelta(days=100), time()).isoformat(),
        "valid_until": at_local(day + timedelta(days=265), time()).isoformat(),
    }
    scale = {
        "scale_id": f"scale-{vehicle.vehicle_id}",
        "range_g": 3_000_000,
        "division_g": 20,
        "calibrations": [verified],
    }
    stage.api.post("collection", "/v1/scales", scale, caller=OPERATOR)


def container_tag(vehicle_id: str, material: str) -> str:
    """Return the tag of the vehicle's container for one hazardous material."""
    return f"GL-{vehicle_id}-{material}"


def _publish_prices(stage: Stage) -> None:
    start = at_local(stage.city.service_day - timedelta(days=30), time())
    lines = [
        {"material": material, "grade": grade, "price_fen_per_kg": price * share // 100}
        for material, price in PRICE_FEN_PER_KG.items()
        for grade, share in GRADE_SHARE_PERCENT.items()
    ]
    for area in sorted({code[:2] for code in stage.city.communities()}):
        body = {"area_code": area, "valid_from": start.isoformat(), "lines": lines}
        publish = partial(stage.api.post, "pricing", "/v1/price-lists", body, caller=OPERATOR)
        stage.allowed(publish)  # an earlier day's list may hold already


def _open_slots(stage: Stage) -> None:
    wanted = Counter((want.site.community_code, want.band) for want in stage.city.wants)

    def open_slot(place: tuple[str, str]) -> None:
        community, band = place
        body = {
            "community_code": community,
            "service_day": stage.city.service_day.isoformat(),
            "band": band,
            "capacity": wanted[place] + SPARE_PLACES,
        }
        opened = stage.api.post("collection", "/v1/slots", body, caller=OPERATOR)
        stage.slot_ids[place] = opened["slot_id"]

    stage.each("slots", sorted(wanted), open_slot)


def book_all(stage: Stage) -> None:
    """Let every household register and book; some change their mind."""
    _open_at(stage, time(10))
    stage.each("bookings", stage.city.wants, lambda want: _book(stage, want))


def _book(stage: Stage, want: Want) -> None:
    register(stage, want.number, want.site)
    recurs = stage.dice("series", want.number).random() < stage.noise.recurring
    items = [_item(name, mass_g) for name, mass_g in want.declared]
    pickup_id = (begin_series if recurs else _book_once)(stage, want, items)
    _change_mind(stage, want, pickup_id)


def register(stage: Stage, number: int, site: Site) -> str:
    """Register a resident's household at a site, with name, number and door; return its id."""
    person = stage.person(number)
    body = {
        "community_code": site.community_code,
        "latitude": site.latitude,
        "longitude": site.longitude,
        **person.contact(),
    }
    registered = stage.api.post("collection", "/v1/households", body, caller=person.caller)
    household_id = stage.homes[number] = str(registered["household_id"])
    return household_id


def _book_once(stage: Stage, want: Want, items: list[Json]) -> str:
    person = stage.person(want.number)
    place = {
        "household_id": stage.homes[want.number],
        "slot_id": stage.slot_ids[want.site.community_code, want.band],
    }
    booking = {**place, "items": items, "note": person.note}
    if stage.dice("form", want.number).random() < stage.noise.held_form:
        held = stage.api.post("collection", "/v1/holds", place, caller=person.caller)
        booking["pickup_id"] = held["pickup_id"]
    pickup = stage.api.post("collection", "/v1/pickups", booking, caller=person.caller)
    pickup_id = str(pickup["pickup_id"])
    stage.note_booked(pickup_id, want.number)
    return pickup_id


def _item(material: str, mass_g: int) -> Json:
    item: Json = {"material": material, "estimated_mass_g": mass_g}
    if known_material(material).hazardous:
        item["condition"] = "unknown"
    return item


def _change_mind(stage: Stage, want: Want, pickup_id: str) -> None:
    resident = stage.person(want.number).caller
    dice = stage.dice("mind", want.number)
    path = f"/v1/pickups/{pickup_id}"
    if dice.random() < stage.noise.cancelled:
        body = {"reason": "plans-changed"}
        stage.api.post("collection", f"{path}/cancellation", body, caller=resident)
        stage.note_cancelled(pickup_id)
    elif dice.random() < stage.noise.amended:
        items = [_item(name, mass_g + 500) for name, mass_g in want.declared]
        stage.api.post(
            "collection", f"{path}/amendments", {"items": items}, caller=resident, if_match="*"
        )
        stage.tally.count("amended")


def evening_before(stage: Stage) -> datetime:
    """Return the instant at which the day is planned."""
    return at_local(stage.city.service_day - timedelta(days=1), time(21))

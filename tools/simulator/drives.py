"""Drives of the day: one goes as planned, one has late phones, one a stand-in who must abort.

Visitors have signed up, come with their organisation, or are nobody in particular; some phones
have no network and tell what the scale said when everything is over.
"""

import time as real_time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from shared.kernel.clock import at_local
from shared.kernel.errors import Rejected, Unavailable
from tools.simulator.api import OPERATOR, SECOND_OPERATOR, Caller, Json
from tools.simulator.booking import container_tag
from tools.simulator.city import Vehicle
from tools.simulator.sites import Site
from tools.simulator.stage import Stage

BEGINS, LASTS = time(7), timedelta(minutes=50)
KINDS = ("community", "school", "mall")
VISITORS = 12
OFFLINE = 4
TARE_G = 800
WAIT_S = 120.0
POLL_S = 0.2


@dataclass(slots=True)
class HeldDrive:
    """A drive of the day, and what its devices know of it."""

    number: int
    drive_id: str
    vehicle: Vehicle
    stand_in: Vehicle
    begins_at: datetime
    tickets: list[int] = field(default_factory=list)
    visits: list[Json] = field(default_factory=list)

    @property
    def collector(self) -> Caller:
        """Who holds it: of the third drive it is the stand-in."""
        vehicle = self.stand_in if self.number == 2 else self.vehicle
        return Caller("collector", vehicle.collector_id)


def plan_drives(stage: Stage) -> list[HeldDrive]:
    """Register a site in each of three communities and plan a drive there."""
    places = {want.site.community_code: want.site for want in stage.city.wants}
    chosen = [places[code] for code in sorted(places)[: len(KINDS)]]
    return [_plan(stage, number, site) for number, site in enumerate(chosen)]


def _plan(stage: Stage, number: int, site: Site) -> HeldDrive:
    # The licensed vehicles have the containers; the stand-in has one too.
    licensed = [vehicle for vehicle in stage.city.vehicles if vehicle.licensed]
    vehicle, stand_in = licensed[number % len(licensed)], licensed[(number + 1) % len(licensed)]
    site_id = f"{stage.city.run}-site-{number}"
    place = {
        "site_id": site_id,
        "kind": KINDS[number],
        "community_code": site.community_code,
        "latitude": site.latitude,
        "longitude": site.longitude,
        "indoor_m2": 12,
    }
    stage.api.post("collection", "/v1/sites", place, caller=OPERATOR)
    begins_at = at_local(stage.city.service_day, BEGINS)
    terms = {
        "materials": ["textiles", "cardboard", "lead-acid-batteries"],
        "collector_id": vehicle.collector_id,
        "stand_in_id": stand_in.collector_id,
        "vehicle_id": vehicle.vehicle_id,
        "scale_id": f"scale-{vehicle.vehicle_id}",
        "expected_households": VISITORS,
        "capacity": VISITORS,
        # The second drive does not wait for its phones: what they tell late revises its totals.
        "rules": {"ticket_expiry_h": 1 if number == 1 else 24},
    }
    body = {
        "site_id": site_id,
        "window_start": begins_at.isoformat(),
        "window_end": (begins_at + LASTS).isoformat(),
        "terms": terms,
    }
    planned = stage.api.post("collection", "/v1/drives", body, caller=OPERATOR)
    stage.tally.count("drives")
    return HeldDrive(number, planned["drive_id"], vehicle, stand_in, begins_at)


def hold_drives(stage: Stage, drives: list[HeldDrive]) -> None:
    """Hold the drives of the morning, before the tours begin."""
    for drive in drives:
        _wait(stage, drive, lambda held: held["state"] == "announced")
    stage.set_clock(at_local(stage.city.service_day, BEGINS))
    for drive in drives[:2]:
        _open(stage, drive)
    for drive in drives[:2]:
        stage.each(f"drive {drive.number + 1}", range(VISITORS), _visitor(stage, drive))
    stage.set_clock(at_local(stage.city.service_day, BEGINS) + timedelta(minutes=31))
    for drive in drives[2:]:
        taken_over = drive.collector.subject
        _wait(stage, drive, lambda held, who=taken_over: held["collector_id"] == who)  # type: ignore[misc]
        _open(stage, drive)
        stage.each(f"drive {drive.number + 1}", range(VISITORS), _visitor(stage, drive))
        _post(stage, drive, "abort", {"reason": "storm"})
    for drive in drives[:2]:
        _post(stage, drive, "closing", {})


def _open(stage: Stage, drive: HeldDrive) -> None:
    opened_at = drive.begins_at + timedelta(minutes=31 if drive.number == 2 else 0)
    _post(stage, drive, "opening", {"opened_at": opened_at.isoformat()})
    lease = _post(stage, drive, "tickets", {"device_id": "offline", "count": OFFLINE + 1})
    drive.tickets = list(range(lease["first"], lease["first"] + lease["count"]))
    spoilt = drive.tickets.pop()
    _post(stage, drive, "voids", {"first": spoilt, "last": spoilt, "reason": "torn"})


def _visitor(stage: Stage, drive: HeldDrive) -> Callable[[int], None]:
    def visit(number: int) -> None:
        who: Json = {}
        if number % 3 == 0:
            who = {"sign_up_id": _sign_up(stage, drive, number)}
        elif number % 4 == 1:
            who = {"organisation_id": f"shop-{number}"}
        _tell(stage, drive, {**_brought(stage, drive, number), **who, "device_id": "online"})

    return visit


def _sign_up(stage: Stage, drive: HeldDrive, number: int) -> str:
    resident = Caller("resident", f"{drive.drive_id}-visitor-{number}")
    want = stage.city.wants[number % len(stage.city.wants)]
    home = {
        "community_code": want.site.community_code,
        "latitude": want.site.latitude,
        "longitude": want.site.longitude,
    }
    household = stage.api.post("collection", "/v1/households", home, caller=resident)
    body = {"household_id": household["household_id"]}
    path = f"/v1/drives/{drive.drive_id}/sign-ups"
    return str(stage.api.post("collection", path, body, caller=resident)["sign_up_id"])


def _brought(stage: Stage, drive: HeldDrive, number: int) -> Json:
    dice = stage.dice("visit", drive.number, number)
    lots: list[Json] = [{"material": "textiles", "grade": "B", "mass_g": dice.randint(300, 9_000)}]
    if dice.random() < 0.5:
        lots.append({"material": "cardboard", "grade": "A", "mass_g": dice.randint(200, 5_000)})
    if dice.random() < 0.3:
        battery: Json = {
            "material": "lead-acid-batteries",
            "grade": "A",
            "mass_g": dice.randint(4_000, 16_000),
            "condition": "broken" if dice.random() < stage.noise.broken else "intact",
            "container_tag": container_tag(drive.vehicle.vehicle_id, "lead-acid-batteries"),
            "pieces": 1 if number % 5 else 14,
        }
        lots.append(battery)
    net_g = sum(lot["mass_g"] for lot in lots)
    weighed_at = drive.begins_at + timedelta(minutes=31 + number)
    return {
        "gross_g": net_g + TARE_G,
        "tare_g": TARE_G,
        "weighed_at": weighed_at.isoformat(),
        "lots": lots,
    }


def _tell(stage: Stage, drive: HeldDrive, body: Json) -> Json:
    visit = _post(stage, drive, "visits", body)
    drive.visits.append(visit)
    stage.tally.count("visits")
    for lot in visit["weighing"]["lots"]:
        stage.tally.weigh(lot["material"], lot["mass_g"])
    return visit


def end_drives(stage: Stage, drives: list[HeldDrive]) -> None:
    """Let the phones come online, correct a weighing, unload, and see that all totals stand."""
    for drive in drives:
        if drive.number == 1:
            _wait(stage, drive, lambda held: held["state"] == "closed")
        for number, ticket in enumerate(drive.tickets):
            _tell_late(stage, drive, number, ticket=ticket)
    for drive in drives:
        _correct(stage, drive, drive.visits[0])
        _unload(stage, drive)
        ended = "aborted" if drive.number == 2 else "closed"
        _wait(stage, drive, lambda held, end=ended: held["state"] == end)  # type: ignore[misc]


def _tell_late(stage: Stage, drive: HeldDrive, number: int, *, ticket: int) -> None:
    body = {**_brought(stage, drive, VISITORS + number), "ticket": ticket, "device_id": "offline"}
    visit = _tell(stage, drive, body)
    if number:
        return
    try:  # another phone has the same ticket: it is refused, kept, and looked at by a person
        _post(stage, drive, "visits", {**body, "device_id": "another"})
    except Rejected as no:
        stage.tally.refuse(no.code)
    path = f"/v1/drives/{drive.drive_id}/visits/{visit['ticket']}/reviews/visit.second/resolution"
    stage.api.post("collection", path, {"reason": "typed-twice"}, caller=OPERATOR)


def _correct(stage: Stage, drive: HeldDrive, visit: Json) -> None:
    lots = [dict(lot) for lot in visit["weighing"]["lots"]]
    lots[0]["mass_g"] -= 100
    wanted = ("material", "grade", "mass_g", "container_tag", "condition", "pieces")
    sent = [{name: lot[name] for name in wanted if lot.get(name) is not None} for lot in lots]
    path = f"/v1/drives/{drive.drive_id}/visits/{visit['ticket']}/corrections"
    body = {"supersedes": 1, "lots": sent, "reason": "scale-misread"}
    stage.api.post("collection", path, body, caller=OPERATOR)
    stage.api.post("collection", f"{path}/1/approval", {}, caller=SECOND_OPERATOR)
    stage.tally.weigh(lots[0]["material"], -100)


def _unload(stage: Stage, drive: HeldDrive) -> None:
    body = {
        "vehicle_id": drive.vehicle.vehicle_id,
        "facility_id": stage.city.facilities[0].name,
        "visit_ids": [visit["visit_id"] for visit in drive.visits],
        "unloaded_at": (drive.begins_at + timedelta(hours=2)).isoformat(),
    }
    path = f"/v1/drives/{drive.drive_id}/unloadings"
    driver = Caller("collector", drive.vehicle.collector_id)
    stage.api.post("routing", path, body, caller=driver)


def _post(stage: Stage, drive: HeldDrive, what: str, body: Json) -> Json:
    path = f"/v1/drives/{drive.drive_id}/{what}"
    return stage.api.post("collection", path, body, caller=drive.collector)


def _wait(stage: Stage, drive: HeldDrive, is_so: Callable[[Json], Any]) -> None:
    """Ask until the drive is so: the worker's jobs follow the business clock."""
    deadline = real_time.monotonic() + WAIT_S
    while not is_so(stage.api.get("collection", f"/v1/drives/{drive.drive_id}", caller=OPERATOR)):
        if real_time.monotonic() > deadline:
            raise Unavailable("simulator.waited", f"drive {drive.number} was not so in {WAIT_S} s")
        real_time.sleep(POLL_S)

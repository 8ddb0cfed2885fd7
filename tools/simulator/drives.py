"""Drives of the day: one goes as planned, one has late phones, one a stand-in who must abort.

Visitors have signed up, come with their organisation, or are nobody in particular; some phones
have no network and tell what the scale said when everything is over.
"""

from collections.abc import Callable
from datetime import time, timedelta
from functools import partial
from typing import Any

from shared.kernel.clock import at_local
from shared.kernel.errors import Rejected
from tools.simulator.api import OPERATOR, SECOND_OPERATOR, Caller, Json
from tools.simulator.booking import container_tag
from tools.simulator.forgetting import erase
from tools.simulator.permits import lease_ahead
from tools.simulator.sites import Site
from tools.simulator.stage import Stage
from tools.simulator.visitors import (
    VISITORS,
    HeldDrive,
    brought,
    order,
    sign_up,
    tell,
    visit,
    visitor_number,
)
from tools.simulator.waiting import until

BEGINS, LASTS = time(7), timedelta(minutes=50)
KINDS = ("community", "school", "mall")
OFFLINE = 4
GOAL_G = 100_000


def plan_drives(stage: Stage) -> list[HeldDrive]:
    """Begin a campaign, register a site in each of three communities and plan a drive there."""
    places = {want.site.community_code: want.site for want in stage.city.wants}
    chosen = [places[code] for code in sorted(places)[: len(KINDS)]]
    day = stage.city.service_day
    campaign = {
        "title": f"textiles of {day.isoformat()}",
        "first_day": day.isoformat(),
        "last_day": (day + timedelta(days=30)).isoformat(),
        "goals": [{"material": "textiles", "mass_g": GOAL_G}],
    }
    begun = stage.api.post("collection", "/v1/campaigns", campaign, caller=OPERATOR)
    campaign_id = str(begun["campaign_id"])
    return [_plan(stage, n, site, campaign_id=campaign_id) for n, site in enumerate(chosen)]


def _plan(stage: Stage, number: int, site: Site, *, campaign_id: str) -> HeldDrive:
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
        "campaign_id": campaign_id,
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
    return HeldDrive(number, planned["drive_id"], site, vehicle, stand_in, begins_at)


def sign_up_and_be_erased(stage: Stage, drives: list[HeldDrive]) -> None:
    """Sign somebody up for each drive who is erased before it: the place is free again."""
    for drive in drives:
        number = visitor_number(drive, VISITORS)
        sign_up(stage, drive, number)
        erase(stage, number)


def erase_visitors(stage: Stage, drives: list[HeldDrive]) -> None:
    """Erase a visitor of each drive who came with a card, or had signed up."""
    for drive in drives:
        erase(stage, visitor_number(drive, (0, 2)[drive.number % 2]))


def hold_drives(stage: Stage, drives: list[HeldDrive]) -> None:
    """Hold the drives of the morning, before the tours begin."""
    for drive in drives:
        _wait(stage, drive, lambda held: held["state"] == "announced")
    stage.set_clock(at_local(stage.city.service_day, BEGINS))
    for drive in drives[:2]:
        _open(stage, drive)
    for drive in drives[:2]:
        stage.each(
            f"drive {drive.number + 1}",
            range(VISITORS),
            partial(visit, stage, drive),
        )
    stage.set_clock(at_local(stage.city.service_day, BEGINS) + timedelta(minutes=31))
    for drive in drives[2:]:
        taken_over = drive.collector.subject
        _wait(stage, drive, lambda held, who=taken_over: held["collector_id"] == who)  # type: ignore[misc]
        _open(stage, drive)
        stage.each(
            f"drive {drive.number + 1}",
            range(VISITORS),
            partial(visit, stage, drive),
        )
        order(stage, drive, "abort", {"reason": "storm"})
    for drive in drives[:2]:
        order(stage, drive, "closing", {})


def _open(stage: Stage, drive: HeldDrive) -> None:
    opened_at = drive.begins_at + timedelta(minutes=31 if drive.number == 2 else 0)
    order(stage, drive, "opening", {"opened_at": opened_at.isoformat()})
    lease = order(stage, drive, "tickets", {"device_id": "offline", "count": OFFLINE + 1})
    tag = container_tag(drive.vehicle.vehicle_id, "lead-acid-batteries")
    lease_ahead(stage, tag, collector=drive.collector)
    drive.tickets = list(range(lease["first"], lease["first"] + lease["count"]))
    spoilt = drive.tickets.pop()
    order(stage, drive, "voids", {"first": spoilt, "last": spoilt, "reason": "torn"})


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
        stage.tally.count("board_sites")
        ended = "aborted" if drive.number == 2 else "closed"
        _wait(stage, drive, lambda held, end=ended: held["state"] == end)  # type: ignore[misc]


def _tell_late(stage: Stage, drive: HeldDrive, number: int, *, ticket: int) -> None:
    body = {**brought(stage, drive, VISITORS + number), "ticket": ticket, "device_id": "offline"}
    visit = tell(stage, drive, body)
    if number:
        return
    try:  # another phone has the same ticket: it is refused, kept, and looked at by a person
        order(stage, drive, "visits", {**body, "device_id": "another"})
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


def _wait(stage: Stage, drive: HeldDrive, is_so: Callable[[Json], Any]) -> None:
    """Ask until the drive is so: the worker's jobs follow the business clock."""
    path = f"/v1/drives/{drive.drive_id}"
    until(
        lambda: is_so(stage.api.get("collection", path, caller=OPERATOR)),
        what=f"drive {drive.number + 1} is so",
    )

"""Signatures of consignors and carriers beside the bare writes that they need, by 32 threads."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from deploy.local.testing import Infrastructure
from services.tracking.application import consignment_signatures as signatures
from services.tracking.application.consignment_desk import Actor
from services.tracking.application.consignment_errands import follow_errands
from services.tracking.application.consignment_signatures import Pen
from services.tracking.bootstrap import Wiring
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.consignment_permits import Activity, Licence, PlanLine
from services.tracking.domain.container import Reservation
from services.tracking.domain.container_states import State
from services.tracking.domain.manifest import Party
from services.tracking.domain.numbers import Series
from services.tracking.entrypoints.consignment_views import consignment_view
from services.tracking.settings import TrackingSettings
from shared.kernel.aggregate import Answer, Decision, Request, Stored
from shared.kernel.clock import legal_day
from tests.bench.rows import Row
from tests.unit.tracking.consignments import LEAD, Walk, box, carrier, licence
from tests.unit.tracking.sealed_boxes import sealed_container

COUNT = 1_000
BOXES = 2
THREADS = 32
PARTIES = 50
Signs = Callable[[int], object]


def rows(infra: Infrastructure) -> list[Row]:
    """Sign all as consignors, then as carriers; write the same documents bare beside it."""
    state_dir = infra.supervisor.layout.state_dir
    settings = TrackingSettings(
        mongodb=infra.mongodb_uri, database="bench_signatures", state_dir=state_dir
    )
    wiring = Wiring(settings)
    wiring.prepare()
    try:
        _register(wiring)
        _per_s(partial(_keep, wiring))
        consignors = _per_s(partial(_sign, wiring))
        carriers = _per_s(partial(_take, wiring))
        told = _told_per_s(wiring)
        return [
            Row(
                "signing as consignor", consignors, "/s", _bare(wiring, 3), "3 bare writes", "≥ 0.5"
            ),
            Row(
                "carriers signing, 2 boxes",
                carriers,
                "/s",
                _bare(wiring, 2 + BOXES),
                "4 bare writes",
                "≥ 0.5",
            ),
            Row("  loads told to containers by the worker", told, "/s", carriers, "signatures"),
        ]
    finally:
        wiring.client.drop_database(settings.database)
        wiring.client.close()


def _per_s(act: Signs) -> float:
    begun_s = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(act, range(COUNT)))
    return COUNT / (time.monotonic() - begun_s)


def _told_per_s(wiring: Wiring) -> float:
    """Tell the containers of all loads that have left, as the worker does beside the API."""
    begun_s = time.monotonic()
    count = 0
    while found := follow_errands(desk=wiring.consigning.desk):
        count += found
    return count / (time.monotonic() - begun_s)


def _bare(wiring: Wiring, writes: int) -> float:
    """Update as many documents of the same size, one of each kind, with majority and journal."""
    held = wiring.db["consignments"]
    shared = wiring.db["bare_allowances"]
    states = {each["_id"]: each["state"] for each in held.find({}, {"state": 1})}

    def write(number: int) -> None:
        for kind in range(writes - 1):
            name = {"_id": f"{kind}-{number % PARTIES}"}
            hold = {"hold_id": f"c-{number}", "mass_g": 1}
            shared.update_one(name, {"$push": {"holds": hold}, "$inc": {"held_g": 1}}, upsert=True)
        consignment_id = f"c-{number}"
        held.update_one(
            {"_id": consignment_id}, {"$set": {"state": states[consignment_id], "bare": writes}}
        )

    return _per_s(write)


def _register(wiring: Wiring) -> None:
    parties = wiring.consigning.parties
    year = legal_day(wiring.consigning.desk.clock.now()).year
    for number in range(PARTIES):
        for party_id, activity in (
            (f"outlet-{number}", Activity.COLLECT),
            (f"smelter-{number}", Activity.TREAT),
            (f"carrier-{number}", Activity.TRANSPORT),
        ):
            is_smelter = activity is Activity.TREAT
            made = _of_year(licence(party_id, activity), year)
            made = replace(made, annual_g=10**12 if is_smelter else None)
            parties.licences.create(made.licence_id, Decision(made))
        plan = PlanLine(f"plan-{number}", f"outlet-{number}", year, LEAD, 10**12)
        parties.plan_lines.create(plan.plan_line_id, Decision(plan))


def _of_year(made: Licence, year: int) -> Licence:
    return replace(
        made,
        valid_from=made.valid_from.replace(year=year),
        valid_to=made.valid_to.replace(year=year),
    )


def _keep(wiring: Wiring, number: int) -> None:
    """Keep a sealed consignment that the registry knows, and its containers, reserved."""
    sealed = _sealed(wiring, number)
    claims = tuple(
        Claim(Kind.CONTAINER, item.tag, f"{sealed.consignment_id}:0")
        for item in sealed.manifest.containers
    )
    for item, claim in zip(sealed.manifest.containers, claims, strict=True):
        hold = Reservation(claim.consignment_id, claim.hold_id)
        held = replace(sealed_container(item), state=State.RESERVED, reservation=hold)
        wiring.containers.create(held.tag, Decision(held))
    kept = replace(sealed, claims=claims)
    wiring.consigning.consignments.create(kept.consignment_id, Decision(kept))


def _sealed(wiring: Wiring, number: int) -> Consignment:
    """Return a sealed consignment that the registry knows."""
    now = wiring.consigning.desk.clock.now()
    of = number % PARTIES
    walk = Walk()
    walk.now = now
    walk.held = replace(walk.held, consignment_id=f"c-{number}")
    walk.amend(
        consignor=Party(f"outlet-{of}", "350102001001"),
        receiver=Party(f"smelter-{of}", "350203002002"),
        carriers=(replace(carrier(f"carrier-{of}"), planned_at=now),),
        containers=tuple(box(f"box-{number}-{each}") for each in range(BOXES)),
    )
    series = Series(legal_day(now).year, "3501")
    return walk.seal_as(series.number(number + 1)).registered().held


def _request(scope: str) -> Request[Consignment]:
    def render(stored: Stored[Consignment]) -> Answer:
        return Answer(200, consignment_view(stored).model_dump_json().encode())

    return Request(scope, "", render)


def _sign(wiring: Wiring, number: int) -> Any:
    party_id = f"outlet-{number % PARTIES}"
    return signatures.sign_consignment(
        f"c-{number}",
        Pen(party_id, "outlet-yard"),
        actor=Actor(party_id),
        desk=wiring.consigning.desk,
        request=_request(f"sign {number}"),
    )


def _take(wiring: Wiring, number: int) -> Any:
    party_id = f"carrier-{number % PARTIES}"
    return signatures.take_consignment(
        f"c-{number}",
        Pen(party_id, "outlet-yard"),
        tuple(f"box-{number}-{each}" for each in range(BOXES)),
        actor=Actor(party_id),
        desk=wiring.consigning.desk,
        request=_request(f"take {number}"),
    )

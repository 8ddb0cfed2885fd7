"""Regulators reach quarantine and registers of their area only, collectors their own permits,
companies the crates of the party that they are. What they reach of consignments is beside."""

from services.tracking.domain import quarantine
from services.tracking.domain.container_permits import IssuedPermit
from services.tracking.domain.crates import (
    Act,
    CrateMove,
    CrateMovement,
    Line,
    PartyCrates,
    entry_of,
)
from services.tracking.domain.quarantine import Told
from services.tracking.domain.register import Format, Kind, Order, Register
from shared.kernel.aggregate import Answer, Decision, Request
from tests.integration.owned import Asking, Case, consigning
from tests.unit.tracking.builders import COMMUNITY, LEAD, WEIGHED_AT

OWNER, OTHER = {"subject": "collector-1"}, {"subject": "collector-2"}
HERE, ELSEWHERE = {"area_code": COMMUNITY[:4]}, {"area_code": "3502"}


def task_of(api):
    """Keep a task of a community; return its id."""
    news = Told(
        task_id="task-1",
        pickup_id="pickup-1",
        community_code=COMMUNITY,
        material=LEAD,
        container_tag=None,
        lot_id="lot-1",
        reason="tracking.unknown_tag",
        mass_delta_g=500,
        revision=1,
        at=WEIGHED_AT,
    )
    api.wiring.boxes.tasks.create("task-1", quarantine.told(None, news))
    return "task-1"


def both(path):
    return Asking(path, HERE), Asking(path, ELSEWHERE)


def listed(api):
    task_of(api)
    return both("/v1/quarantine")


def one(api):
    return both(f"/v1/quarantine/{task_of(api)}")


def permit(api):
    issued = IssuedPermit(
        permit_id="permit-1",
        tag="GL-1",
        materials=(LEAD,),
        grams_left=500,
        subject="collector-1",
        device_id=None,
        issued_at=WEIGHED_AT,
        expires_at=WEIGHED_AT,
    )
    api.wiring.boxes.permits.create("permit-1", Decision(issued))
    path = "/v1/containers/GL-1/permits/permit-1"
    return Asking(path, OWNER), Asking(path, OTHER)


def of_party(ending):
    """A route of a party's crates, which has a movement."""

    def arrange(api):
        line = Line("crate-60l", "A", 2, "A")
        move = CrateMove("m-1", Act.ISSUE, "company-1", (line,), "usual", WEIGHED_AT, WEIGHED_AT)
        decision = PartyCrates("company-1").move(move, limits={"crate-60l": 9})
        api.wiring.crates.parties.create("company-1", decision)
        posted = CrateMovement(
            "m-1", "company-1", 1, "issued", (line,), "usual", (), WEIGHED_AT, (entry_of(move),)
        )
        api.wiring.crates.movements.create("m-1", Decision(posted))
        path = f"/v1/parties/company-1/{ending}"
        return Asking(path, {"subject": "company-1"}), Asking(path, {"subject": "company-2"})

    return arrange


def ordered(_api):
    """An area's regulator asks for that area; another area's regulator may not."""
    body = {
        "kind": "stock",
        "first_day": "2026-11-24",
        "last_day": "2026-11-24",
        "division_prefix": COMMUNITY[:4],
    }
    path, sent = "/v1/registers", {"json": body}
    return Asking(path, HERE, sent), Asking(path, ELSEWHERE, sent)


def register(api):
    """A register that one regulator asked for."""
    day = WEIGHED_AT.date()
    held = Register(
        "register-1", "regulator-1", Order(Kind.STOCK, Format.CSV, day, day), WEIGHED_AT
    )
    asked = Request("scope", "body", lambda stored: Answer(202, stored.id.encode()))
    api.wiring.registers.queue.create("register-1", Decision(held), request=asked)
    path = "/v1/registers/register-1"
    return Asking(path, {"subject": "regulator-1"}), Asking(path, {"subject": "regulator-2"})


CASES = [
    Case("GET /v1/registers/{register_id}", "regulator", register),
    Case("POST /v1/registers", "regulator", ordered),
    Case("GET /v1/parties/{party_id}/crates", "company", of_party("crates")),
    Case(
        "GET /v1/parties/{party_id}/crate-movements",
        "company",
        of_party("crate-movements"),
        reaches=lambda r: r.is_success and bool(r.json()["items"]),
    ),
    *consigning.CASES,
    Case("GET /v1/containers/{tag}/permits/{permit_id}", "collector", permit),
    Case("GET /v1/quarantine", "regulator", listed, reaches=lambda r: bool(r.json()["items"])),
    Case("GET /v1/quarantine/{task_id}", "regulator", one),
]

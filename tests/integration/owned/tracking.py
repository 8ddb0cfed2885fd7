"""Regulators reach the quarantine of their token's area only."""

from services.tracking.domain import quarantine
from services.tracking.domain.quarantine import Told
from tests.integration.owned import Asking, Case
from tests.unit.tracking.builders import COMMUNITY, LEAD, WEIGHED_AT

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


CASES = [
    Case("GET /v1/quarantine", "regulator", listed, reaches=lambda r: bool(r.json()["items"])),
    Case("GET /v1/quarantine/{task_id}", "regulator", one),
]

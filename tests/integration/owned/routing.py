"""Collectors reach their own tours only."""

from contextlib import closing

from tests.integration.owned import Asking, Case
from tests.integration.routing_house import DAY, House

OWNER, OTHER = {"subject": "collector-1"}, {"subject": "collector-2"}
DONE_AT = f"{DAY}T12:00:00+08:00"


def tour_of(api):
    """Plan a day with one tour of the owner; return its id."""
    with closing(House(api.settings)) as house:
        house.fleet()
        house.book("p-1")
        house.publish(house.planned())
        (tour,) = house.get("/v1/tours", service_day=DAY.isoformat()).json()["items"]
        return tour["tour_id"]


def both(path, **sent):
    return Asking(path, OWNER, sent), Asking(path, OTHER, sent)


def listed(api):
    tour_of(api)
    return both("/v1/tours", params={"service_day": DAY.isoformat()})


def one(api):
    return both(f"/v1/tours/{tour_of(api)}")


def unloading(api):
    body = {"trip": 1, "pickup_ids": ["p-1"], "unloaded_at": DONE_AT}
    return both(f"/v1/tours/{tour_of(api)}/unloadings", json=body)


def drive_unloading(api):
    with closing(House(api.settings)) as house:
        house.fleet()
    body = {
        "vehicle_id": "van-1",
        "facility_id": "facility-1",
        "visit_ids": ["drive-1:1"],
        "unloaded_at": DONE_AT,
    }
    return both("/v1/drives/drive-1/unloadings", json=body)


CASES = [
    Case("POST /v1/drives/{drive_id}/unloadings", "collector", drive_unloading),
    Case("GET /v1/tours", "collector", listed, reaches=lambda r: bool(r.json()["items"])),
    Case("GET /v1/tours/{tour_id}", "collector", one),
    Case("POST /v1/tours/{tour_id}/unloadings", "collector", unloading),
]

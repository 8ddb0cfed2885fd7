"""Residents and companies reach their households' pickups and series, regulators their area's,
collectors their own stops."""

from contextlib import contextmanager

from services.collection.entrypoints.reactions import reaction
from shared.messaging.reactions import sequence_mark
from tests.integration.collection_house import COMMUNITY, House, service_day, slot_id
from tests.integration.owned import Asking, Case, collection_drives, collection_people
from tests.integration.test_collection_api import WEIGH_IN
from tests.integration.test_collection_series import body
from tests.unit.collection.test_announcements import assigned, event

OWNER, OTHER = {"subject": "resident-1"}, {"subject": "resident-2"}
HERE, ELSEWHERE = {"area_code": COMMUNITY[:4]}, {"area_code": "1101"}


@contextmanager
def house_on(api):
    house = House(api.settings)
    house.open_slot()
    house.open_slot("afternoon")
    try:
        yield house
    finally:
        house.wiring.client.close()


def booked(house):
    return house.book(house.household()).json()["pickup_id"]


def pickup_route(ending="", *, act=None, callers=(OWNER, OTHER), **sent):
    """A route of one pickup; `act` is what happens to it before."""

    def arrange(api):
        with house_on(api) as house:
            pickup_id = booked(house)
            if act is not None:
                act(house, pickup_id)
        path = f"/v1/pickups/{pickup_id}{ending}"
        own, other = callers
        return Asking(path, own, sent), Asking(path, other, sent)

    return arrange


def weighed(house, pickup_id):
    house.post(f"/pickups/{pickup_id}/weigh-ins", WEIGH_IN, role="collector")


def pickups_list(*callers):
    def arrange(api):
        with house_on(api) as house:
            booked(house)
        return tuple(Asking("/v1/pickups", caller) for caller in callers)

    return arrange


def of_household(path, **sent):
    """A route that names the household of what is to be made."""

    def arrange(api):
        with house_on(api) as house:
            asked = {"json": {"household_id": house.household(), **sent}}
        return Asking(path, OWNER, asked), Asking(path, OTHER, asked)

    return arrange


def series_route(ending="", **sent):
    def arrange(api):
        with house_on(api) as house:
            begun = house.post("/series", body(house.household()))
        path = f"/v1/series/{begun.json()['series_id']}{ending}"
        return Asking(path, OWNER, sent), Asking(path, OTHER, sent)

    return arrange


def series_list(api):
    with house_on(api) as house:
        house.post("/series", body(house.household()))
    return Asking("/v1/series", OWNER), Asking("/v1/series", OTHER)


def series_begun(api):
    with house_on(api) as house:
        asked = {"json": body(house.household())}
    return Asking("/v1/series", OWNER, asked), Asking("/v1/series", OTHER, asked)


def stops(api):
    with house_on(api) as house:
        tour = assigned(booked(house)).model_copy(update={"service_day": service_day()})
        reaction(house.wiring.pickups).apply([event(tour)], sequence_mark("collection", 1))
    asked = {"params": {"service_day": service_day().isoformat()}}
    return (
        Asking("/v1/stops", {"subject": "collector-1"}, asked),
        Asking("/v1/stops", {"subject": "collector-2"}, asked),
    )


def has_items(response):
    return response.is_success and bool(response.json()["items"])


def is_found(response):
    """Whether it may be done now is another question."""
    return response.status_code not in (403, 404)


DAY = {"json": {"day": service_day().isoformat()}}
PAUSE = {"json": {"first": service_day().isoformat()}}
CASES = [
    *(
        Case(f"GET /v1/pickups/{{pickup_id}}{ending}", role, pickup_route(ending))
        for ending in ("", "/history")
        for role in ("resident", "company")
    ),
    *(
        Case(
            f"GET /v1/pickups/{{pickup_id}}{ending}",
            "regulator",
            pickup_route(ending, callers=(HERE, ELSEWHERE)),
        )
        for ending in ("", "/history")
    ),
    Case("GET /v1/pickups", "resident", pickups_list(OWNER, OTHER), reaches=has_items),
    Case("GET /v1/pickups", "company", pickups_list(OWNER, OTHER), reaches=has_items),
    Case("GET /v1/pickups", "regulator", pickups_list(HERE, ELSEWHERE), reaches=has_items),
    Case("GET /v1/stops", "collector", stops, reaches=has_items),
    Case(
        "POST /v1/pickups",
        "resident",
        of_household(
            "/v1/pickups",
            slot_id=slot_id(),
            items=[{"material": "cardboard", "estimated_mass_g": 1}],
        ),
    ),
    Case("POST /v1/holds", "resident", of_household("/v1/holds", slot_id=slot_id())),
    Case(
        "POST /v1/pickups/{pickup_id}/amendments", "resident", pickup_route("/amendments", json={})
    ),
    Case(
        "POST /v1/pickups/{pickup_id}/cancellation",
        "resident",
        pickup_route("/cancellation", json={"reason": "none"}),
    ),
    Case(
        "POST /v1/pickups/{pickup_id}/missed-reports",
        "resident",
        pickup_route("/missed-reports", json={}),
        reaches=is_found,
    ),
    Case(
        "POST /v1/pickups/{pickup_id}/confirmation",
        "resident",
        pickup_route("/confirmation", act=weighed, json={}),
    ),
    Case(
        "POST /v1/pickups/{pickup_id}/disputes",
        "resident",
        pickup_route("/disputes", act=weighed, json={"reason": "too-heavy"}),
    ),
    Case("GET /v1/series", "resident", series_list, reaches=has_items),
    Case("POST /v1/series", "resident", series_begun),
    Case("GET /v1/series/{series_id}", "resident", series_route()),
    Case(
        "POST /v1/series/{series_id}/amendments", "resident", series_route("/amendments", json={})
    ),
    Case("POST /v1/series/{series_id}/skips", "resident", series_route("/skips", **DAY)),
    Case("POST /v1/series/{series_id}/pauses", "resident", series_route("/pauses", **PAUSE)),
    Case(
        "POST /v1/series/{series_id}/resumption", "resident", series_route("/resumption", json={})
    ),
    Case("POST /v1/series/{series_id}/end", "resident", series_route("/end", json={})),
    *collection_drives.CASES,
    *collection_people.CASES,
]

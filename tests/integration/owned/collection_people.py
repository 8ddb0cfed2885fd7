"""Residents reach their own person and households, collectors the doors they are on the way to."""

from contextlib import contextmanager

from shared.kernel.ids import new_id
from tests.integration.collection_house import COMMUNITY, House
from tests.integration.owned import Asking, Case
from tests.integration.residents import Residents, picture

OWNER, OTHER = {"subject": "resident-1"}, {"subject": "resident-2"}
CREW, OTHER_CREW = {"subject": "collector-1"}, {"subject": "collector-2"}
HERE, ELSEWHERE = {"area_code": COMMUNITY[:4]}, {"area_code": "1101"}
PICTURE = {"content": picture()}


@contextmanager
def city_on(api):
    house = House(api.settings)
    house.open_slot()
    try:
        yield Residents(house)
    finally:
        house.wiring.client.close()


def two(path, sent=None, *, callers=(OWNER, OTHER)):
    return tuple(Asking(path, caller, sent or {}) for caller in callers)


def own_route(path, **sent):
    """A route of the caller itself, who has a household; the other is nobody here."""

    def arrange(api):
        with city_on(api) as city:
            city.house.household()
        return two(path, sent)

    return arrange


def household_route(ending, **sent):
    def arrange(api):
        with city_on(api) as city:
            household_id = city.house.household()
        return two(f"/v1/households/{household_id}{ending}", sent)

    return arrange


def member_route(ending, **sent):
    """A route of the household's other member."""

    def arrange(api):
        with city_on(api) as city:
            household_id = city.house.household()
            city.join(household_id, subject="resident-3")
            guest = city.get("/person", subject="resident-3").json()["person_id"]
        return two(f"/v1/households/{household_id}/members/{guest}{ending}", sent)

    return arrange


def card(api):
    with city_on(api) as city:
        asked = {"json": {"household_id": city.house.household()}}
    return two("/v1/card", asked)


def card_drawn(api):
    with city_on(api) as city:
        asked = {"household_id": city.house.household()}
        city.post("/card", asked)
    return two("/v1/card.svg", {"params": asked})


def booked(city):
    pickup_id = city.house.book(city.house.household()).json()["pickup_id"]
    city.assign(pickup_id)
    return pickup_id


def photo_added(api):
    with city_on(api) as city:
        pickup_id = booked(city)
    return two(f"/v1/pickups/{pickup_id}/photos", PICTURE)


def photo_shown(callers):
    def arrange(api):
        with city_on(api) as city:
            added = city.photo(booked(city), picture(), key=new_id())
        return two(added.headers["location"], callers=callers)

    return arrange


def stop(api):
    with city_on(api) as city:
        pickup_id = booked(city)
    return two(f"/v1/stops/{pickup_id}", callers=(CREW, OTHER_CREW))


def audited(api):
    with city_on(api) as city:
        city.post(f"/communities/{COMMUNITY}/rules", {}, role="operator")
        city.house.wiring.audits.collect()
    return two("/v1/audits", callers=(HERE, ELSEWHERE))


def calendar_ended(api):
    with city_on(api) as city:
        asked = {"subject_id": city.house.household()}
        made = city.post("/calendars", asked).json()
    return two(f"/v1/calendars/{made['calendar_id']}/ending", {"json": {}})


def calendar_made(api):
    with city_on(api) as city:
        asked = {"subject_id": city.house.household()}
    return two("/v1/calendars", {"json": asked})


def has_items(response):
    return response.is_success and bool(response.json()["items"])


HOUSEHOLD = "/v1/households/{household_id}"
CASES = [
    Case("GET /v1/person", "resident", own_route("/v1/person")),
    Case("GET /v1/person/export", "resident", own_route("/v1/person/export")),
    Case("POST /v1/person/erasure", "resident", own_route("/v1/person/erasure", json={})),
    Case("GET /v1/households", "resident", own_route("/v1/households"), reaches=has_items),
    Case(f"GET {HOUSEHOLD}", "resident", household_route("")),
    Case(f"POST {HOUSEHOLD}/home", "resident", household_route("/home", json={"address": "G"})),
    Case(f"POST {HOUSEHOLD}/invites", "resident", household_route("/invites", json={})),
    Case(
        f"POST {HOUSEHOLD}/members/{{person_id}}/role",
        "resident",
        member_route("/role", json={"role": "owner"}),
    ),
    Case(
        f"POST {HOUSEHOLD}/members/{{person_id}}/removal",
        "resident",
        member_route("/removal", json={}),
    ),
    Case("POST /v1/card", "resident", card),
    Case("GET /v1/card.svg", "resident", card_drawn),
    Case("POST /v1/pickups/{pickup_id}/photos", "resident", photo_added),
    *(
        Case("GET /v1/pickups/{pickup_id}/photos/{photo_id}", role, photo_shown(callers))
        for role, callers in (("resident", (OWNER, OTHER)), ("collector", (CREW, OTHER_CREW)))
    ),
    Case("GET /v1/stops/{pickup_id}", "collector", stop),
    Case("POST /v1/calendars", "resident", calendar_made),
    Case("POST /v1/calendars/{calendar_id}/ending", "resident", calendar_ended),
    Case("GET /v1/audits", "regulator", audited, reaches=has_items),
]

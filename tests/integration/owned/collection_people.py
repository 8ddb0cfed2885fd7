"""Members reach their household and its photos; collectors the doors and photos of their stops."""

from services.collection.entrypoints.reactions import reaction
from shared.messaging.reactions import sequence_mark
from tests.integration.collection_house import service_day
from tests.integration.owned import Asking, Case
from tests.integration.owned.collection_house import OTHER, OWNER, booked, house_on
from tests.integration.residents import picture
from tests.unit.collection.test_announcements import assigned, event

CREW, OTHERS = {"subject": "collector-1"}, {"subject": "collector-2"}
JPEG = {"Content-Type": "image/jpeg"}


def member_route(ending, **sent):
    """A route of a household; {person} in it is its owner's."""

    def arrange(api):
        with house_on(api) as house:
            household_id = house.household()
            page = house.get(f"/households/{household_id}").json()
        person_id = page["members"][0]["person_id"]
        path = f"/v1/households/{household_id}{ending.format(person=person_id)}"
        return Asking(path, OWNER, sent), Asking(path, OTHER, sent)

    return arrange


def on_tour(house):
    """Book, and let collector-1 be on the way."""
    pickup_id = booked(house)
    tour = assigned(pickup_id).model_copy(update={"service_day": service_day()})
    ends_at = house.wiring.desk.pickups.get(pickup_id).state.booking.window_end
    tour = tour.model_copy(update={"ends_at": ends_at})
    reaction(house.wiring.pickups).apply([event(tour)], sequence_mark("collection", 1))
    return pickup_id


def photo_added(house, pickup_id):
    headers = {**house.headers("resident", key="photo"), **JPEG}
    path = f"/v1/pickups/{pickup_id}/photos"
    return house.call("POST", path, content=picture(), headers=headers).json()["photo_id"]


def photo(own, other):
    def arrange(api):
        with house_on(api) as house:
            pickup_id = on_tour(house)
            path = f"/v1/pickups/{pickup_id}/photos/{photo_added(house, pickup_id)}"
        return Asking(path, own), Asking(path, other)

    return arrange


def photos(api):
    with house_on(api) as house:
        path = f"/v1/pickups/{booked(house)}/photos"
    sent = {"content": picture(), "headers": JPEG}
    return Asking(path, OWNER, sent), Asking(path, OTHER, sent)


def door(api):
    with house_on(api) as house:
        path = f"/v1/stops/{on_tour(house)}"
    return Asking(path, CREW), Asking(path, OTHERS)


def is_found(response):
    """Whether it may be done now is another question."""
    return response.status_code not in (403, 404)


HOUSEHOLD = "/v1/households/{household_id}"
CASES = [
    Case(f"GET {HOUSEHOLD}", "resident", member_route("")),
    Case(f"POST {HOUSEHOLD}/home", "resident", member_route("/home", json={"address": "12-3"})),
    Case(f"POST {HOUSEHOLD}/invites", "resident", member_route("/invites", json={})),
    Case(
        f"POST {HOUSEHOLD}/members/{{person_id}}/role",
        "resident",
        member_route("/members/{person}/role", json={"role": "owner"}),
    ),
    Case(
        f"POST {HOUSEHOLD}/members/{{person_id}}/removal",
        "resident",
        member_route("/members/{person}/removal", json={}),
        reaches=is_found,
    ),
    Case("POST /v1/pickups/{pickup_id}/photos", "resident", photos),
    Case("GET /v1/pickups/{pickup_id}/photos/{photo_id}", "resident", photo(OWNER, OTHER)),
    Case("GET /v1/pickups/{pickup_id}/photos/{photo_id}", "collector", photo(CREW, OTHERS)),
    Case("GET /v1/stops/{pickup_id}", "collector", door),
]

"""A collector reaches the own drives, a resident the own visits, a regulator the own area."""

from tests.integration.collection_house import COMMUNITY
from tests.integration.drives_house import NAMED, DriveHouse, lot
from tests.integration.owned import Asking, Case

RESIDENT, STRANGER = {"subject": "resident-1"}, {"subject": "resident-2"}
COLLECTOR, ANOTHER = {"subject": NAMED}, {"subject": "collector-9"}
HERE = {"subject": "city-1", "area_code": COMMUNITY[:4]}
ELSEWHERE = {"subject": "city-2", "area_code": "1101"}
LEASE = {"device_id": "device-1", "count": 2}
CORRECTION = {"supersedes": 1, "lots": [lot(mass_g=10)], "reason": "misread"}


def house_of(api):
    return DriveHouse(api.settings)


def is_listed(response):
    return response.is_success and bool(response.json()["items"])


def planned(house):
    drive_id = house.plan()
    house.act(drive_id, "announcement", role="operator")
    return drive_id


def visited(house):
    """An open drive of which resident-1 has signed up and come."""
    drive_id = planned(house)
    signed = house.post(f"/drives/{drive_id}/sign-ups", {"household_id": house.household()})
    house.open(drive_id)
    house.visit(drive_id, sign_up_id=signed.json()["sign_up_id"])
    return drive_id


def act(what, body, *, begin=visited):
    def arrange(api):
        house = house_of(api)
        path = f"/v1/drives/{begin(house)}/{what}"
        sent = {"json": body(house) if callable(body) else body}
        return Asking(path, COLLECTOR, sent), Asking(path, ANOTHER, sent)

    return arrange


def of_household(what, body):
    def arrange(api):
        house = house_of(api)
        drive_id = visited(house)
        path = f"/v1/drives/{drive_id}/{what}"
        sent = {"json": body(house, drive_id)}
        return Asking(path, RESIDENT, sent), Asking(path, STRANGER, sent)

    return arrange


def signed_home(house, drive_id):
    page = house.get(f"/drives/{drive_id}/sign-ups", role="operator").json()
    return {"household_id": page["items"][0]["household_id"]}


def read(what, own, other):
    def arrange(api):
        path = what.format(visited(house_of(api)))
        return Asking(f"/v1/{path}", own), Asking(f"/v1/{path}", other)

    return arrange


def opening(house):
    return {"opened_at": house.clock.now().isoformat()}


ACTS = [
    Case("POST /v1/drives/{drive_id}/opening", "collector", act("opening", opening, begin=planned)),
    Case("POST /v1/drives/{drive_id}/closing", "collector", act("closing", {})),
    Case("POST /v1/drives/{drive_id}/abort", "collector", act("abort", {"reason": "storm"})),
    Case("POST /v1/drives/{drive_id}/tickets", "collector", act("tickets", LEASE)),
    Case(
        "POST /v1/drives/{drive_id}/voids",
        "collector",
        act("voids", {"first": 1, "last": 1, "reason": "torn"}),
    ),
    Case(
        "POST /v1/drives/{drive_id}/check-ins",
        "collector",
        act("check-ins", {"device_id": "device-1"}),
    ),
    Case(
        "POST /v1/drives/{drive_id}/visits/{ticket}/corrections",
        "collector",
        act("visits/1/corrections", CORRECTION),
    ),
    Case(
        "POST /v1/drives/{drive_id}/sign-ups",
        "resident",
        of_household("sign-ups", lambda house, _: {"household_id": house.household()}),
    ),
    Case(
        "POST /v1/drives/{drive_id}/withdrawals",
        "resident",
        of_household("withdrawals", signed_home),
    ),
    Case(
        "POST /v1/drives/{drive_id}/visits/{ticket}/disputes",
        "resident",
        of_household("visits/1/disputes", lambda *_: {"reason": "too-little"}),
    ),
]
OF_THE_CREW = [
    Case(f"GET /v1/drives/{{drive_id}}/{what}", role, read(f"drives/{{}}/{what}", own, other))
    for what in ("sign-ups", "tickets", "totals", "visits")
    for role, own, other in (
        ("collector", COLLECTOR, ANOTHER),
        ("regulator", HERE, ELSEWHERE),
    )
]
OF_A_VISIT = [
    Case("GET /v1/drives/{drive_id}/visits/{ticket}", role, read("drives/{}/visits/1", own, other))
    for role, own, other in (
        ("resident", RESIDENT, STRANGER),
        ("collector", COLLECTOR, ANOTHER),
        ("regulator", HERE, ELSEWHERE),
    )
]
LISTS = [
    Case("GET /v1/drives", "regulator", read("drives", HERE, ELSEWHERE), reaches=is_listed),
    Case("GET /v1/drives/{drive_id}", "regulator", read("drives/{}", HERE, ELSEWHERE)),
    Case(
        "GET /v1/my-drives", "collector", read("my-drives", COLLECTOR, ANOTHER), reaches=is_listed
    ),
    Case("GET /v1/visits", "resident", read("visits", RESIDENT, STRANGER), reaches=is_listed),
    Case("GET /v1/sign-ups", "resident", read("sign-ups", RESIDENT, STRANGER), reaches=is_listed),
]
CASES = [*ACTS, *OF_THE_CREW, *OF_A_VISIT, *LISTS]

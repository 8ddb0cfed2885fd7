"""Companies reach what they have a part in, regulators what concerns their area."""

from contextlib import contextmanager
from datetime import timedelta

from tests.integration.consignment_house import House
from tests.integration.owned import Asking, Case

ROUTE = "/v1/consignments/{consignment_id}"
STRANGER = {"subject": "far-smelter"}
HERE, ELSEWHERE = {"area_code": "3501"}, {"area_code": "4403"}
GATE = {"place_id": "smelter-gate"}


@contextmanager
def house_of(api):
    house = House(api.settings)
    try:
        yield house.registry().boxes("box-1")
    finally:
        house.wiring.client.close()


def draft(house):
    return house.draft("box-1")


def sealed(house):
    consignment_id = house.draft("box-1")
    house.seal(consignment_id)
    return consignment_id


def signed(house):
    consignment_id = sealed(house)
    house.tell()
    house.sign(consignment_id)
    return consignment_id


def taken(house):
    consignment_id = signed(house)
    house.take(consignment_id)
    return consignment_id


def broken(house):
    consignment_id = taken(house)
    house.done(consignment_id, "breakdowns", breakdown(house, consignment_id), by="carrier-1")
    return consignment_id


def arrived(house):
    return house.arrived("box-1")


def returned(house):
    consignment_id = taken(house)
    house.done(consignment_id, "turn-backs", turn_back(house, consignment_id))
    house.arrive(consignment_id, place_id="outlet-yard")
    return consignment_id


def missing(house):
    consignment_id = taken(house)
    house.watch(house.desk.clock.now() + timedelta(days=3))
    return consignment_id


def later(house):
    return (house.desk.clock.now() + timedelta(days=4)).isoformat()


def amendment(house, _id):
    return house.body("box-1")


def nothing(_house, _id):
    return {}


def reason(_house, _id):
    return {"reason": "a-reason"}


def signature(_house, _id):
    return {"role": "consignor", "party_id": "outlet", "place_id": "outlet-yard"}


def replacement(house, _id):
    return {"leg": 1, "carrier": house.carrier("carrier-2")}


def breakdown(house, _id):
    carrier = house.carrier("carrier-3")
    return {"reason": "engine", "carrier": carrier, "expected_at": later(house)}


def turn_back(house, _id):
    return {"reason": "not-wanted", "expected_at": later(house)}


def arrival(_house, _id):
    return GATE


def reception(house, consignment_id):
    return {"party_id": "smelter", **GATE, "verdicts": house.verdicts(consignment_id)}


def receipt(_house, _id):
    weighed = [{"container": "box-1", "received_g": 10_000}]
    return {"party_id": "outlet", "place_id": "outlet-yard", "containers": weighed}


def found(house, _id):
    return {"expected_at": later(house)}


def loss(_house, _id):
    return {"report_id": "report-1"}


ACTS = (
    ("amendments", draft, amendment, "outlet"),
    ("seal", draft, nothing, "outlet"),
    ("cancellation", sealed, reason, "outlet"),
    ("paper", sealed, reason, "outlet"),
    ("signatures", sealed, signature, "outlet"),
    ("loading-refusals", signed, reason, "carrier-1"),
    ("carrier-replacements", sealed, replacement, "outlet"),
    ("breakdowns", taken, breakdown, "carrier-1"),
    ("carrier-approvals", broken, nothing, "outlet"),
    ("turn-backs", taken, turn_back, "outlet"),
    ("arrivals", taken, arrival, "carrier-1"),
    ("receptions", arrived, reception, "smelter"),
    ("receipts", returned, receipt, "outlet"),
    ("findings", missing, found, "outlet"),
    ("losses", missing, loss, "outlet"),
)
READS = ("", "/verify", "/manifest.pdf", "/waybill.pdf")


def acting(what, come_to, body, by):
    """An act of the party whose turn it is, and of one that has no part in it."""

    def arrange(api):
        with house_of(api) as house:
            consignment_id = come_to(house)
            sent = {"json": body(house, consignment_id)}
        path = f"/v1/consignments/{consignment_id}/{what}"
        return Asking(path, {"subject": by}, sent), Asking(path, STRANGER, sent)

    return Case(f"POST {ROUTE}/{what}", "company", arrange)


def reading(what, role):
    def arrange(api):
        with house_of(api) as house:
            path = f"/v1/consignments/{sealed(house)}{what}"
        if role == "regulator":
            return Asking(path, HERE), Asking(path, ELSEWHERE)
        return Asking(path, {"subject": "smelter"}), Asking(path, STRANGER)

    return Case(f"GET {ROUTE}{what}", role, arrange)


def listing(role):
    def arrange(api):
        with house_of(api) as house:
            sealed(house)
        own, other = (HERE, ELSEWHERE) if role == "regulator" else ({"subject": "outlet"}, STRANGER)
        return Asking("/v1/consignments", own), Asking("/v1/consignments", other)

    return Case("GET /v1/consignments", role, arrange, reaches=has_items)


def has_items(response):
    return bool(response.json()["items"])


def numbering(method, what, body=None, *, reaches=None):
    """A block's routes; a None in the body is the block's first number."""

    def arrange(api):
        with house_of(api) as house:
            wish = {"device_id": "tablet", "size": 2}
            block_id = house.post("/number-blocks", wish).json()["block_id"]
        path = "/v1/number-blocks" + what.replace("{block_id}", block_id)
        sent = (
            {"json": {**body, **({"number": block_id} if "voids" in what else {})}} if body else {}
        )
        return Asking(path, {"subject": "outlet"}, sent), Asking(path, STRANGER, sent)

    held = {"reaches": reaches} if reaches else {}
    return Case(f"{method} /v1/number-blocks{what}", "company", arrange, **held)


CASES = [
    *(acting(*act) for act in ACTS),
    *(reading(what, role) for what in READS for role in ("company", "regulator")),
    *(listing(role) for role in ("company", "regulator")),
    numbering("GET", "", reaches=has_items),
    numbering("GET", "/{block_id}"),
    numbering("POST", "/{block_id}/voids", {"reason": "spoiled", "number": None}),
    numbering("POST", "/{block_id}/return", {"reason": "not-needed"}),
]

"""Fifty wrong security codes at once, over two servers: three are evaluated, then it is locked."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from services.tracking.adapters.mongo_parties import unannounced
from services.tracking.adapters.security_codes import StoredCodes, new_code
from services.tracking.domain.signature_codes import SecurityCode
from shared.kernel.aggregate import Decision
from shared.kernel.clock import SystemClock
from shared.kernel.errors import Forbidden, Unavailable
from shared.messaging.mongo_aggregates import MongoAggregates
from tests.integration.consignment_house import house_of

pytestmark = pytest.mark.integration

CODE, WRONG = "135790", "135791"


@pytest.fixture
def servers(tracking_database):
    kept = MongoAggregates(
        tracking_database["security_codes"],
        kind="security_code",
        state_type=SecurityCode,
        announce=unannounced,
    )
    clock = SystemClock()
    kept.create("outlet", Decision(new_code("outlet", CODE, clock.now())))
    return StoredCodes(kept, clock), StoredCodes(kept, clock)


def tried(codes, code):
    try:
        codes.check("outlet", code)
    except (Forbidden, Unavailable) as no:
        return no.code
    return "right"


@pytest.mark.parametrize("_round", range(3))
def test_of_fifty_wrong_ones_at_once_three_are_evaluated(servers, _round):
    with ThreadPoolExecutor(50) as pool:
        outcomes = Counter(pool.map(lambda n: tried(servers[n % 2], WRONG), range(50)))

    assert sum(codes.evaluated for codes in servers) == 3
    assert outcomes["signature.code_wrong"] == 3
    assert tried(servers[0], CODE) == "signature.code_locked"
    others = {"signature.code_wrong", "signature.code_locked", "signature.code_busy"}
    assert set(outcomes) <= {*others, "storage.contended"}


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held.registry().boxes("box-1")


def test_a_consignor_signs_on_the_carriers_device(house):
    assert house.post("/security-code", {"security_code": CODE}).status_code == 200
    consignment_id = house.draft("box-1")
    house.seal(consignment_id)
    pen = {"role": "consignor", "party_id": "outlet", "place_id": "outlet-yard"}

    def sign(code, **sent):
        body = {**pen, "security_code": code}
        return house.act(consignment_id, "signatures", body, by="carrier-1", **sent)

    wrong = sign(WRONG)
    right = sign(CODE, key="once")
    again = sign(CODE, key="once")

    assert (wrong.status_code, wrong.json()["code"]) == (403, "signature.code_wrong")
    assert right.json()["signatures"][0]["method"] == "code"
    assert right.json()["signatures"][0]["device_of"] == "carrier-1"
    assert again.content == right.content


def test_a_locked_code_is_unlocked_by_a_new_one(house):
    house.post("/security-code", {"security_code": CODE})
    consignment_id = house.draft("box-1")
    house.seal(consignment_id)
    body = {"role": "consignor", "party_id": "outlet", "place_id": "y", "security_code": WRONG}

    codes = [
        house.act(consignment_id, "signatures", body, by="carrier-1").json()["code"]
        for _ in range(4)
    ]
    house.post("/security-code", {"security_code": "246802"})
    signed = house.act(
        consignment_id, "signatures", {**body, "security_code": "246802"}, by="carrier-1"
    )

    assert codes == ["signature.code_wrong"] * 3 + ["signature.code_locked"]
    assert signed.status_code == 200


def test_neither_the_code_nor_a_fast_hash_of_it_is_kept(house):
    key = "set-once"
    first = house.post("/security-code", {"security_code": CODE}, key=key)
    repeated = house.post("/security-code", {"security_code": CODE}, key=key)
    other = house.post("/security-code", {"security_code": "246802"}, key=key)

    assert repeated.content == first.content
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.body_differs")
    kept = str(list(house.wiring.db["security_codes"].find()))
    assert CODE not in kept

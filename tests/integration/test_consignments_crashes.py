"""The API is killed at each step of a decision; a repeat and the worker's jobs make it right."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import httpx
import pytest

from tests.chaos.processes import KILLED
from tests.integration.consignment_house import house_of

pytestmark = [pytest.mark.integration, pytest.mark.chaos]

COUNT = 8
TAGS = [f"crate-{number}" for number in range(COUNT)]
STEPS = [
    f"consignment.{what}.{side}" for what in ("hold", "decide") for side in ("before", "after")
]
CARRIER = "vehicle/truck-carrier-1"
ERRANDS = ["consignment.errand.before", "consignment.errand.after"]


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held.registry().boxes(*TAGS)


def until_killed(house, label, act):
    """Do `act(number, send)` for many numbers at a time, until the API dies at the label."""

    def attempt(number):
        try:
            return act(number, send).status_code
        except httpx.TransportError:
            return None

    with house.serving(crash_at=label) as (process, send), ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, range(COUNT)))
        assert process.wait(timeout=30) == KILLED
    return outcomes


def accounted(house):
    assert all(house.wiring.invariants().values())
    counts = house.consigning.numbers.counts()
    assert counts["leased"] == counts["given"]
    return counts


@pytest.mark.parametrize(("label", "nth"), [(STEPS[1], 4), (STEPS[2], 1), (STEPS[3], 4)])
def test_a_killed_sealing_is_done_once_when_it_is_repeated(house, label, nth):
    drafts = [house.draft(tag) for tag in TAGS]

    def seal(number, send):
        return house.act(drafts[number], "seal", key=f"seal-{number}", call=send)

    outcomes = until_killed(house, f"{label}:{nth}", seal)
    sealed = [house.state(each) for each in drafts if house.state(each).number]
    assert outcomes.count(200) <= len(sealed)  # each 2xx is durable
    if nth == 4:
        house.heal()
        assert house.holders() == {each.manifest.tags[0]: each.consignment_id for each in sealed}
        assert accounted(house)["held"] == 0
    repeated = [seal(number, house.call).status_code for number in range(COUNT)]
    house.heal()

    assert repeated == [200] * COUNT
    assert house.holders() == dict(zip(TAGS, drafts, strict=True))
    numbers = {house.state(each).number for each in drafts}
    assert len(numbers) == COUNT
    counts = accounted(house)
    assert (counts["used"], counts["held"]) == (COUNT, 0)


@pytest.mark.parametrize("label", [f"{ERRANDS[1]}:5"])
def test_a_killed_cancellation_gives_everything_up_once(house, label):
    sealed = [house.draft(tag) for tag in TAGS]
    for each in sealed:
        house.seal(each)

    def cancel(number, send):
        body = {"reason": "not-needed"}
        return house.act(sealed[number], "cancellation", body, key=f"no-{number}", call=send)

    until_killed(house, label, cancel)
    house.heal()
    repeated = [cancel(number, house.call).status_code for number in range(COUNT)]
    house.heal()

    assert repeated == [200] * COUNT
    assert house.holders() == {}
    counts = accounted(house)
    assert (counts["void"], counts["used"], counts["held"]) == (COUNT, 0, 0)
    assert house.wiring.db["trips"].count_documents({}) == 0


@pytest.mark.parametrize("label", [STEPS[1]])
def test_a_killed_signature_reserves_its_grams_once(house, label):
    sealed = [house.draft(tag) for tag in TAGS]
    for each in sealed:
        house.seal(each)

    def sign(number, send):
        body = {"role": "consignor", "party_id": "outlet", "place_id": "outlet-yard"}
        return house.act(sealed[number], "signatures", body, key=f"sign-{number}", call=send)

    until_killed(house, f"{label}:3", sign)
    repeated = [sign(number, house.call).status_code for number in range(COUNT)]
    house.heal()

    assert repeated == [200] * COUNT
    assert [len(house.state(each).signatures) for each in sealed] == [1] * COUNT
    grams = house.consigning.grams.left("plan/plan-outlet")
    assert grams == {"used_g": 0, "held_g": COUNT * 1_000}


@pytest.mark.parametrize("label", [STEPS[1], STEPS[3], *ERRANDS])
def test_a_killed_partial_refusal_has_exactly_one_child(house, label):
    consignment_id, onward = house.arrived(*TAGS), house.back()

    def receive(send):
        return house.receive(consignment_id, TAGS[0], onward=onward, key="once", call=send)

    with house.serving(crash_at=f"{label}:1") as (process, send):
        with suppress(httpx.TransportError):
            receive(send)
        assert process.wait(timeout=30) == KILLED
    house.react()
    repeated = receive(house.call)
    house.react()
    house.heal()

    told = repeated.json()["receptions"]
    assert len(told) == 1
    children = list(house.wiring.db["consignments"].find({"state.parent": {"$ne": None}}))
    assert [each["_id"] for each in children] == [told[0]["child_id"]]
    assert children[0]["state"]["number"] == told[0]["child_number"]
    assert house.holders() == {TAGS[0]: told[0]["child_id"]}
    counts = accounted(house)
    assert (counts["used"], counts["held"]) == (2, 0)
    assert [house.box(tag).holder for tag in TAGS] == [CARRIER, *["party/smelter"] * (COUNT - 1)]
    assert house.books_agree()
    smelter = next(key for key in keys(house) if key.startswith("licence/licence-smelter"))
    assert house.consigning.grams.left(smelter) == {"used_g": 7_000, "held_g": 0}


def keys(house):
    return [each["_id"] for each in house.wiring.db["allowances"].find({}, {"_id": 1})]

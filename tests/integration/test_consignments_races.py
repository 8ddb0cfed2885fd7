"""Two at once: two receivers, two consignments for one container, two keys for one act."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.integration.consignment_house import house_of

pytestmark = pytest.mark.integration

AT_ONCE = 8


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held.registry().boxes("box-1", "box-2", "box-3")


def at_once(act, count=AT_ONCE):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(act, range(count)))


def statuses(answers):
    return Counter(answer.status_code for answer in answers)


def test_of_two_consignments_for_one_container_one_has_it(house):
    drafts = [house.draft("box-1", "box-2"), house.draft("box-2", "box-3")]

    answers = at_once(lambda n: house.act(drafts[n % 2], "seal"))
    house.heal()

    sealed = [each for each in drafts if house.state(each).number]
    assert len(sealed) == 1
    assert statuses(answers)[200] == 1
    tags = house.state(sealed[0]).manifest.tags
    assert house.holders() == dict.fromkeys(tags, sealed[0])
    counts = house.consigning.numbers.counts()
    assert (counts["used"], counts["held"]) == (1, 0)


def test_of_two_receptions_one_decides(house):
    consignment_id = house.arrived()

    def receive(number):
        refused = ("box-2",) if number % 2 else ()
        return house.receive(consignment_id, *refused, key=f"device-{number}")

    answers = at_once(receive)
    house.react()
    house.heal()

    assert statuses(answers)[200] == 1
    (told,) = house.state(consignment_id).receptions
    children = house.wiring.db["consignments"].count_documents({"state.parent": {"$ne": None}})
    assert children == (1 if told.child_id else 0)
    counts = house.consigning.numbers.counts()
    assert (counts["used"], counts["held"]) == (1 + children, 0)


def test_one_key_at_once_has_one_effect_and_one_answer(house):
    consignment_id = house.draft()

    answers = at_once(lambda _: house.act(consignment_id, "seal", key="once"))
    house.heal()

    assert statuses(answers) == {200: AT_ONCE}
    assert len({answer.content for answer in answers}) == 1
    assert house.consigning.numbers.counts()["used"] == 1


def test_a_cancellation_and_a_carriers_signature_do_not_both_win(house):
    consignment_id = house.draft()
    house.seal(consignment_id)
    house.tell()
    house.sign(consignment_id)

    def act(number):
        if number % 2:
            return house.take(consignment_id)
        return house.act(consignment_id, "cancellation", {"reason": "not-needed"})

    answers = at_once(act)
    house.heal()

    assert statuses(answers)[200] == 1
    state = house.state(consignment_id).state
    assert (house.holders() == {}) is (state == "cancelled")
    assert state in ("cancelled", "in-transit")


def test_parallel_signatures_never_reserve_more_than_a_licence_allows(house):
    house.licence("smelter", annual_g=17_500)
    sealed = []
    for tag in ("box-1", "box-2", "box-3"):
        sealed.append(house.draft(tag))
        house.seal(sealed[-1])

    answers = at_once(lambda n: house.sign(sealed[n]), 3)
    house.heal()

    codes = [answer.json().get("code") for answer in answers if answer.status_code == 409]
    assert set(codes) == {"licence.exhausted"}
    signed = [each for each in sealed if house.state(each).signatures]
    held_g = sum(house.state(each).manifest.net_g for each in signed)
    assert 0 < held_g <= 17_500
    key = next(
        each["_id"]
        for each in house.wiring.db["allowances"].find()
        if each["_id"].startswith("licence/licence-smelter")
    )
    assert house.consigning.grams.left(key) == {"used_g": 0, "held_g": held_g}

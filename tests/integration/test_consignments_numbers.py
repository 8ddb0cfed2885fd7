"""Numbers of devices, and the national registry that is slow, away or answers twice."""

from datetime import timedelta

import pytest

from services.tracking.adapters.sandbox_registry import SandboxRegistry, Temper
from services.tracking.application import consignment_jobs
from shared.kernel.clock import legal_day
from shared.kernel.errors import Unavailable
from tests.integration.consignment_house import house_of

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held.registry().boxes("box-1", "box-2", "box-3")


def code_of(answer):
    return answer.status_code, answer.json()["code"]


def test_numbers_of_a_device_are_leased_used_voided_and_returned(house):
    lease = {"device_id": "tablet-1", "size": 4}
    leased = house.post("/number-blocks", lease, key="lease")
    again = house.post("/number-blocks", lease, key="lease")
    other = house.post("/number-blocks", {**lease, "size": 5}, key="lease")
    block = leased.json()
    assert leased.status_code == 201
    assert again.content == leased.content
    assert code_of(other) == (422, "idempotency.body_differs")
    first, second = block["first"], str(int(block["first"]) + 1)

    consignment_id = house.draft("box-1")
    earlier = (house.desk.clock.now() - timedelta(minutes=5)).isoformat()
    sealed = house.seal(consignment_id, body={"number": first, "sealed_at": earlier})
    spoiled = {"number": second, "reason": "spoiled"}
    path = f"/number-blocks/{block['block_id']}"
    voided = house.post(f"{path}/voids", spoiled, key="void")
    assert house.post(f"{path}/voids", spoiled, key="void").content == voided.content
    returned = house.post(f"{path}/return", {"reason": "not-needed"}).json()
    house.heal()

    assert sealed["number"] == first
    assert (returned["void"], returned["returned"], returned["free"]) == (1, 2, 0)
    ended = house.get(path).json()
    assert (ended["used"], ended["void"], ended["returned"], ended["held"]) == (1, 1, 2, 0)
    taken = house.act(house.draft("box-2"), "seal", {"number": first})
    late = house.act(house.draft("box-3"), "seal", {"number": block["last"]})
    assert code_of(taken) == (409, "numbers.taken")
    assert code_of(late) == (409, "numbers.returned")


def test_devices_do_not_hoard_numbers(house):
    for number in range(20):
        body = {"device_id": f"tablet-{number}", "size": 1}
        assert house.post("/number-blocks", body).status_code == 201

    over = house.post("/number-blocks", {"device_id": "tablet-99", "size": 1})

    assert code_of(over) == (409, "numbers.too_many_blocks")


def test_numbers_are_of_this_year_or_the_next(house):
    year = legal_day(house.desk.clock.now()).year
    body = {"device_id": "tablet", "size": 1}

    following = house.post("/number-blocks", {**body, "year": year + 1})
    past = house.post("/number-blocks", {**body, "year": year - 1})

    assert following.json()["first"].startswith(str(year + 1))
    assert code_of(past) == (422, "numbers.year")


def tempered(house, **temper):
    return SandboxRegistry(
        house.wiring.db["sandbox_registry"], Temper(**temper), pause=lambda _s: None
    )


def told(house, registry):
    return consignment_jobs.tell_registry(registry, desk=house.desk)


@pytest.mark.parametrize("temper", [{"answers_twice": True}, {"delay_s": 9.0}])
def test_a_registry_whose_answer_is_lost_knows_a_manifest_once(house, temper):
    consignment_id = house.draft("box-1")
    number = house.seal(consignment_id)["number"]
    with pytest.raises(Unavailable):
        told(house, tempered(house, **temper))
    assert house.state(consignment_id).registration.pending

    assert told(house, tempered(house, answers_twice=True)) == 1

    known = list(house.wiring.db["sandbox_registry"].find())
    assert [(each["_id"], each["revision"]) for each in known] == [(number, 1)]
    assert not house.state(consignment_id).registration.pending


def test_with_the_registry_away_it_goes_on_paper_and_is_back_filled(house):
    consignment_id = house.draft("box-1")
    house.seal(consignment_id)
    with pytest.raises(Unavailable):
        told(house, tempered(house, is_away=True))
    house.sign(consignment_id)
    assert code_of(house.take(consignment_id)) == (409, "consignment.not_registered")

    on_paper = house.done(consignment_id, "paper", {"reason": "registry-down"})
    assert on_paper["registration"]["on_paper"]
    assert house.take(consignment_id).status_code == 200
    told(house, tempered(house))

    registration = house.get(f"/consignments/{consignment_id}").json()["registration"]
    assert registration["backfilled_at"] is not None
    assert not registration["pending"]


def test_a_slow_registry_is_waited_for(house):
    waits = []
    consignment_id = house.draft("box-1")
    house.seal(consignment_id)
    slow = SandboxRegistry(
        house.wiring.db["sandbox_registry"], Temper(delay_s=3.0), pause=waits.append
    )

    told(house, slow)

    assert waits == [3.0]
    assert house.state(consignment_id).registration.registered_at is not None

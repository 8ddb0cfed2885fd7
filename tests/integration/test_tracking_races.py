"""Writers that race on one container, a kill after a decision, events that come twice."""

import threading
from functools import partial

import httpx
import pytest

from services.tracking.domain import container_custody as custody
from services.tracking.domain.container import SYSTEM, Reservation
from services.tracking.domain.container_states import State
from shared.kernel.errors import Conflict
from tests.chaos.processes import KILLED
from tests.integration.tracking_house import house_of
from tests.unit.tracking.builders import (
    LATER,
    LEAD,
    history,
    in_order,
    lot,
)

pytestmark = [pytest.mark.integration, pytest.mark.chaos]

PICKUPS = 40


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held


def battery(mass_g, *, tag="GL-1"):
    return lot("lot-9", mass_g, material=LEAD, tag=tag)


def weighings(count=PICKUPS, mass_g=1_000):
    return [history((battery(mass_g + n),), pickup_id=f"pickup-{n:03}")[0] for n in range(count)]


def test_one_of_many_sealers_wins(house):
    house.register()
    house.react(*in_order(*history((battery(9_000),))))

    with house.serving() as (_, call):
        answers = house.at_once(
            10,
            lambda n: house.post(
                "/v1/containers/GL-1/sealings",
                {"gross_g": 12_900 + n, "scale_id": "s"},
                key=f"k-{n}",
                call=call,
            ),
        )
    house.follow()

    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert won["content_g"] == house.container().content_g
    assert house.facts()["by_material"][LEAD]["difference"] == 9_000 - won["content_g"]
    assert house.books_agree()


def test_one_of_many_consignments_gets_the_container(house):
    house.register()
    house.react(*in_order(*history((battery(9_000),))))
    house.do("GL-1", "sealings", gross_g=13_000, scale_id="s")

    def reserve(number):
        reservation = Reservation(f"c-{number}", f"c-{number}:1")
        act = partial(custody.reserve, reservation=reservation, at=LATER, by=SYSTEM)
        try:
            return house.wiring.containers.change("GL-1", act).state.reservation
        except Conflict as no:
            return no.code

    outcomes = house.at_once(10, reserve)

    assert outcomes.count("tracking.container_reserved") == 9
    (won,) = [each for each in outcomes if isinstance(each, Reservation)]
    assert house.container().reservation == won
    assert house.container().state is State.RESERVED


def test_lots_that_race_for_the_last_grams_never_exceed_the_limit(house):
    house.register(limit_g=20_000)
    readers = [house.reader() for _ in range(4)]
    events = in_order(*weighings())

    def read(number):
        for event in events[number::4]:
            readers[number](event)

    house.at_once(4, read)
    house.follow()

    held = house.container()
    assert 18_960 < held.content_g <= 20_000  # no lot of at most 1,039 g fits any more
    assert house.facts()["by_material"][LEAD]["collected"] == sum(1_000 + n for n in range(PICKUPS))
    assert house.books_agree()


def test_lots_that_race_with_the_seal_are_in_it_or_wait_for_a_person(house):
    house.register()
    house.react(*in_order(*history((battery(500),), pickup_id="first")))
    readers = [house.reader() for _ in range(2)]
    events = in_order(*weighings())
    started = threading.Event()

    def read(number):
        for event in events[number::2]:
            readers[number](event)
            started.set()

    def seal():
        started.wait(10)
        return house.post("/v1/containers/GL-1/sealings", {"gross_g": 30_000, "scale_id": "s"})

    sealed = house.at_once(3, lambda n: seal() if n == 2 else read(n))[2]
    house.follow()

    assert sealed.status_code == 200
    held = house.container()
    inside = sum(
        judged.lot.mass_g
        for deposit in held.deposits
        for judged in deposit.lots
        if judged.misfit is None
    )
    assert held.seal.lots_g == inside
    assert (held.content_g, held.state) == (26_000, State.SEALED)
    assert house.books_agree()


def test_the_same_event_in_two_readers_at_once_has_one_effect(house):
    house.register()
    readers = [house.reader() for _ in range(4)]
    events = in_order(*weighings(10))

    house.at_once(4, lambda n: [readers[n](event) for event in events])
    house.follow()

    assert house.container().content_g == sum(1_000 + n for n in range(10))
    assert house.books_agree()


@pytest.mark.parametrize("label", ["outbox.write.before:1", "outbox.write.after:1"])
def test_a_seal_that_was_killed_is_sealed_once_and_posted_once(house, label):
    house.register()
    house.react(*in_order(*history((battery(9_000),))))
    said = {"gross_g": 12_880, "scale_id": "s"}

    with house.serving(crash_at=label) as (process, call):
        with pytest.raises(httpx.TransportError):
            house.post("/v1/containers/GL-1/sealings", said, key="k", call=call)
        assert process.wait(timeout=30) == KILLED
    again = house.post("/v1/containers/GL-1/sealings", said, key="k")
    house.follow(times=2)

    assert again.status_code == 200
    assert house.balances_g("difference/") == {("difference/GL-1", LEAD): 120}
    assert house.wiring.db["container_movements"].count_documents({}) == 1
    assert house.books_agree()

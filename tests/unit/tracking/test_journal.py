"""Where a pickup's grams are, and which of them are contained or in quarantine."""

import pytest

from shared.contracts.container import LotContained, LotQuarantined
from shared.contracts.topic import Payload
from tests.unit.tracking.builders import (
    COMMUNITY,
    FACILITY,
    LEAD,
    LITHIUM,
    PICKUP,
    VEHICLE,
    container,
    history,
    in_order,
    lot,
    unloading,
)
from tests.unit.tracking.yard import Yard

HOUSEHOLD = f"household/{COMMUNITY}"


def test_a_weighed_lot_is_on_the_vehicle():
    yard = Yard()

    yard.react(*in_order(*history((lot("lot-1", 700), lot("lot-2", 300, material="glass")))))

    assert yard.balances_g() == {
        (HOUSEHOLD, "cardboard"): -700,
        (HOUSEHOLD, "glass"): -300,
        (f"vehicle/{VEHICLE}", "cardboard"): 700,
        (f"vehicle/{VEHICLE}", "glass"): 300,
    }


def test_an_unloaded_lot_is_at_the_facility():
    yard = Yard()

    yard.react(*in_order(*history((lot("lot-1", 700),)), unloading()))

    assert yard.balances_g() == {
        (HOUSEHOLD, "cardboard"): -700,
        (f"place/{FACILITY}", "cardboard"): 700,
    }


def test_a_hazardous_lot_lies_in_the_container_that_it_names_and_moves_with_it():
    yard = Yard(container("GL-1"))
    weighed, put_down = in_order(
        *history((lot("lot-1", 9_000, material=LEAD, tag="GL-1"),)), unloading()
    )

    yard.react(weighed)
    on_the_road = yard.balances_g()
    yard.react(put_down)

    assert on_the_road[f"vehicle/{VEHICLE}/container/GL-1", LEAD] == 9_000
    assert yard.balances_g() == {
        (HOUSEHOLD, LEAD): -9_000,
        (f"place/{FACILITY}/container/GL-1", LEAD): 9_000,
    }
    (event,) = yard.told(LotContained, LotQuarantined)
    assert isinstance(event, LotContained)
    assert (event.container_id, event.lot_id, event.mass_delta_g) == ("GL-1", "lot-1", 9_000)


@pytest.mark.parametrize(
    ("tag", "reason"),
    [
        ("GL-LOST", "tracking.unknown_tag"),
        (None, "tracking.unknown_tag"),
        ("GL-2", "tracking.wrong_material"),
    ],
)
def test_a_hazardous_lot_without_its_container_is_in_quarantine_and_not_lost(tag, reason):
    yard = Yard(container("GL-2", LITHIUM))
    weighed, put_down = in_order(
        *history((lot("lot-1", 9_000, material=LEAD, tag=tag),)), unloading()
    )

    yard.react(weighed)
    on_the_road = yard.balances_g()
    yard.react(put_down)

    assert sum(on_the_road.values()) == 0
    assert on_the_road[HOUSEHOLD, LEAD] == -9_000
    assert [a for a, _ in on_the_road if "quarantine" in a and VEHICLE in a]
    assert [a for a, _ in yard.balances_g() if "quarantine" in a and FACILITY in a]
    (event,) = yard.told(LotContained, LotQuarantined)
    assert isinstance(event, LotQuarantined)
    assert (event.reason, event.container_tag, event.mass_delta_g) == (reason, tag, 9_000)


def test_a_lot_that_is_not_hazardous_needs_no_container():
    yard = Yard()

    yard.react(*in_order(*history((lot("lot-1", 700, tag="GL-9"),))))

    assert yard.balances_g()[f"vehicle/{VEHICLE}", "cardboard"] == 700
    assert yard.told(Payload) == []


def test_a_correction_moves_only_the_difference():
    before, after = (lot("lot-1", 700),), (lot("lot-1", 630),)
    yard = Yard()

    yard.react(*in_order(*history(before, after)))

    assert yard.balances_g()[f"vehicle/{VEHICLE}", "cardboard"] == 630
    assert {abs(p.amount) for p in yard.journal.entries[-1].postings} == {70}


def test_a_correction_after_the_unloading_changes_what_is_in_stock():
    weighed, corrected = history((lot("lot-1", 700),), (lot("lot-1", 630, material="glass"),))
    yard = Yard()

    yard.react(*in_order(weighed, unloading(), corrected))

    assert yard.balances_g() == {
        (HOUSEHOLD, "glass"): -630,
        (f"place/{FACILITY}", "glass"): 630,
    }


def test_a_correction_takes_back_what_a_container_does_not_hold():
    before = (lot("lot-1", 9_000, material=LEAD, tag="GL-1"),)
    after = (lot("lot-1", 8_000, material=LEAD, tag="GL-LOST"),)
    yard = Yard(container("GL-1"))

    yard.react(*in_order(*history(before, after)))

    deltas = [(type(e), e.mass_delta_g) for e in yard.told(LotContained, LotQuarantined)]
    assert deltas == [
        (LotContained, 9_000),
        (LotContained, -9_000),
        (LotQuarantined, 8_000),
    ]


def test_a_correction_judges_tags_anew():
    lots = (lot("lot-1", 9_000, material=LEAD, tag="GL-1"),)
    weighed, corrected = in_order(*history(lots, lots))
    yard = Yard()
    yard.react(weighed)
    yard.register(container("GL-1"))

    yard.react(corrected)

    assert yard.balances_g()[f"vehicle/{VEHICLE}/container/GL-1", LEAD] == 9_000


def test_a_correction_to_nothing_empties_every_account():
    yard = Yard(container("GL-1"))

    yard.react(*in_order(*history((lot("lot-1", 9, material=LEAD, tag="GL-1"),), ()), unloading()))

    assert yard.balances_g() == {}


def test_an_unloading_moves_each_of_its_pickups():
    one = history((lot("lot-1", 700),))
    other = history((lot("lot-1", 300),), pickup_id="pickup-2")
    yard = Yard()

    yard.react(*in_order(*one, *other, unloading(PICKUP, "pickup-2")))

    assert yard.balances_g()[f"place/{FACILITY}", "cardboard"] == 700
    assert yard.balances_g("pickup-2")[f"place/{FACILITY}", "cardboard"] == 300


def test_an_unloading_that_comes_first_is_remembered():
    yard = Yard()
    (weighed,) = history((lot("lot-1", 700),))

    yard.react(*in_order(unloading()))
    awaiting = yard.journal
    yard.react(*in_order(weighed))

    assert (awaiting.weighed, awaiting.entries) == (None, ())
    assert yard.balances_g()[f"place/{FACILITY}", "cardboard"] == 700


def test_a_second_unloading_of_a_pickup_moves_nothing():
    yard = Yard()
    again = unloading(unloading_id="unloading-2", facility_id="facility-2")

    yard.react(*in_order(*history((lot("lot-1", 700),)), unloading(), again))

    assert yard.balances_g()[f"place/{FACILITY}", "cardboard"] == 700


def test_a_repeat_writes_nothing():
    (weighed,) = history((lot("lot-1", 700),))
    yard = Yard()
    yard.react(*in_order(weighed, unloading()))
    before = yard.journals.get(PICKUP)

    yard.react(*in_order(weighed, unloading()))
    yard.react(*in_order(weighed, weighed, unloading(), unloading()))

    assert yard.journals.get(PICKUP) == before

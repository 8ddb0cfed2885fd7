"""Which lots lie in a container, before its seal, after it, and when it is long empty again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.tracking.domain.container import Deposit
from services.tracking.domain.container_filling import DEPOSITS_MAX
from services.tracking.domain.container_states import State
from shared.contracts.container import LotQuarantined
from shared.contracts.container_life import ContainerMoved
from tests.unit.tracking.builders import (
    COMMUNITY,
    FACILITY,
    LATER,
    LEAD,
    LITHIUM,
    VEHICLE,
    WEIGHED_AT,
    container,
    unloading,
)
from tests.unit.tracking.ward import Ward, battery

HOUSEHOLD = f"household/{COMMUNITY}"
ON_BOARD = f"vehicle/{VEHICLE}/container/GL-1"
APART = f"quarantine/vehicle/{VEHICLE}"
NI_CD = "ni-cd-batteries"


@pytest.mark.parametrize(
    ("held", "named", "why"),
    [
        (container(limit_g=8_999), battery(9_000), "tracking.over_limit"),
        (container(material=LITHIUM), battery(9_000), "tracking.wrong_material"),
        (container(), battery(9_000, tag="GL-LOST"), "tracking.unknown_tag"),
        (container(), battery(9_000, permit_fault="permit.expired"), "permit.expired"),
        (
            container(tested_until=WEIGHED_AT.date() - timedelta(days=1)),
            battery(9_000),
            "tracking.test_expired",
        ),
        (container(state=State.RETIRED), battery(9_000), "tracking.container_retired"),
        (container(state=State.SEALED), battery(9_000), "tracking.container_sealed"),
        (container(state=State.LOST), battery(9_000), "tracking.container_lost"),
        (container(state=State.DAMAGED), battery(9_000), "tracking.container_damaged"),
        (container(state=State.CLEANED), battery(9_000), "tracking.container_not_ready"),
    ],
)
def test_a_lot_that_does_not_fit_is_recorded_and_set_apart_with_its_reason(held, named, why):
    yard = Ward(held)

    yard.weigh(named)

    assert yard.balances_g() == {(HOUSEHOLD, LEAD): -9_000, (APART, LEAD): 9_000}
    assert yard.task.reason == why
    assert yard.container().content_g == 0


def test_a_permit_that_could_not_be_verified_leaves_it_to_the_container():
    yard = Ward(container())

    yard.weigh(battery(9_000, permit_fault="permit.unverified"))

    assert yard.container().content_g == 9_000


def test_a_container_is_filled_up_to_its_limit_and_no_further():
    yard = Ward(container(limit_g=10_000))

    yard.weigh(battery(6_000), battery(4_000), battery(1))

    assert yard.balances_g()[ON_BOARD, LEAD] == 10_000
    assert [each.mass_delta_g for each in yard.told(LotQuarantined)] == [1]


def test_a_correction_is_measured_against_the_limit_without_its_own_old_lots():
    yard = Ward(container(limit_g=10_000))
    yard.weigh(battery(9_000))

    yard.correct((battery(9_000),), (battery(10_000),))

    assert yard.balances_g()[ON_BOARD, LEAD] == 10_000


def test_what_is_incompatible_with_the_content_is_set_apart():
    yard = Ward(container(materials=(LEAD, NI_CD)))
    yard.weigh(battery(9_000))

    other = battery(500, material=NI_CD).model_copy(update={"hazardous": True})
    yard.weigh(other, pickup_id="pickup-2")

    assert yard.ledger_g(["pickup-2"])[APART, NI_CD] == 500
    assert yard.task.reason == "tracking.incompatible"


def test_a_class_stands_for_all_of_its_materials():
    yard = Ward(container(material=None, classes=("acid-battery",)))

    yard.weigh(battery(9_000))

    assert yard.container().content_g == 9_000


def test_a_container_is_where_its_last_lot_was_weighed():
    yard = Ward(container(holder="place/depot-1", seen_at=WEIGHED_AT - timedelta(hours=1)))

    yard.weigh(battery(9_000))

    assert yard.container().holder == f"vehicle/{VEHICLE}"
    (moved,) = yard.told(ContainerMoved)
    assert (moved.from_holder, moved.to_holder) == ("place/depot-1", f"vehicle/{VEHICLE}")


def test_a_late_lot_does_not_take_the_container_back_to_its_vehicle():
    yard = Ward(container())
    yard.weigh(battery(9_000))
    yard.tell(unloading())

    yard.weigh(battery(700), pickup_id="pickup-2", at=WEIGHED_AT)

    assert yard.container().holder == f"place/{FACILITY}"
    assert yard.ledger_g(["pickup-2"])[f"place/{FACILITY}/container/GL-1", LEAD] == 700 + 9_000


def test_an_unloading_before_a_lot_was_weighed_leaves_the_container_on_the_vehicle():
    yard = Ward(container())
    yard.weigh(battery(9_000))
    yard.weigh(battery(700), pickup_id="pickup-2", at=LATER + timedelta(minutes=1))

    yard.tell(unloading())

    assert yard.container().holder == f"vehicle/{VEHICLE}"


def test_a_tag_that_is_registered_after_its_lot_keeps_the_verdict_until_a_correction():
    yard = Ward()
    yard.weigh(battery(9_000))
    yard.register(container())
    before = yard.balances_g()

    yard.correct((battery(9_000),), (battery(9_000),))

    assert before[APART, LEAD] == 9_000
    assert yard.balances_g()[ON_BOARD, LEAD] == 9_000


def test_an_own_tag_typed_in_small_letters_is_the_same_container():
    yard = Ward(container("GLC-00000001-34"))

    yard.weigh(battery(9_000, tag="glc-00000001-34"))

    assert yard.container("GLC-00000001-34").content_g == 9_000


def test_a_fill_has_a_bound_and_what_comes_then_is_set_apart():
    empty = Deposit("source", "pickup", 1, WEIGHED_AT, 0, (), (), ())
    many = tuple(replace(empty, source_id=f"source-{n}") for n in range(DEPOSITS_MAX))
    yard = Ward(container(deposits=many))

    yard.weigh(battery(9_000))

    assert yard.task.reason == "tracking.too_many_lots"
    assert len(yard.container().deposits) == DEPOSITS_MAX


def test_a_lot_of_nothing_is_no_task():
    yard = Ward()

    yard.weigh(battery(0))

    assert yard.all_tasks() == []

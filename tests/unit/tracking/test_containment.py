"""Which lots lie in a container, before its seal, after it, and when it is long empty again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.tracking.application.container_desk import make_ready
from services.tracking.domain import container_custody as custody
from services.tracking.domain import container_sealing as sealing
from services.tracking.domain.container import Deposit, Reservation
from services.tracking.domain.container_filling import DEPOSITS_MAX
from services.tracking.domain.container_states import State
from shared.contracts.container import LotContained, LotQuarantined
from shared.contracts.container_life import ContainerMoved, DifferenceBooked
from shared.kernel.clock import ManualClock
from tests.unit.tracking.builders import (
    BY,
    COMMUNITY,
    FACILITY,
    LATER,
    LEAD,
    LITHIUM,
    PICKUP,
    VEHICLE,
    WEIGHED_AT,
    Yard,
    container,
    desk_of,
    history,
    in_order,
    lot,
    request,
    unloading,
)

HOUSEHOLD = f"household/{COMMUNITY}"
ON_BOARD = f"vehicle/{VEHICLE}/container/GL-1"
APART = f"quarantine/vehicle/{VEHICLE}"
NI_CD = "ni-cd-batteries"


def battery(mass_g, *, tag="GL-1", material=LEAD, **rest):
    return lot("lot-1", mass_g, material=material, tag=tag).model_copy(update=rest)


def weigh(yard, *lots, pickup_id=PICKUP, at=WEIGHED_AT):
    (event,) = history(lots, pickup_id=pickup_id)
    yard.tell(event.model_copy(update={"weighed_at": at}))


def correct(yard, before, *after, pickup_id=PICKUP, at=WEIGHED_AT):
    event = history(before, after, pickup_id=pickup_id)[-1]
    yard.tell(event.model_copy(update={"weighed_at": at}))


def sealed(yard, gross_g, *, at=LATER):
    weighing = sealing.Weighing(gross_g, "scale-1")
    sealed = yard.act("GL-1", sealing.seal, weighing=weighing, at=at)
    yard.follow()
    return sealed


def through_its_life(yard, *, at=LATER):
    """From a seal to empty again: a new fill begins an hour after `at`."""
    reservation = Reservation("c-1", "c-1:1")
    sealed(yard, 13_000, at=at)
    yard.act("GL-1", custody.reserve, reservation=reservation, at=at)
    yard.act("GL-1", custody.depart, holder="vehicle/carrier-1", at=at)
    yard.act("GL-1", custody.receive, holder="party/smelter-1", at=at)
    yard.act("GL-1", custody.empty, holder=None, at=at)
    yard.act("GL-1", custody.clean, at=at)
    desk = desk_of(yard, ManualClock(at + timedelta(hours=1)))
    make_ready("GL-1", by=BY, desk=desk, request=request(f"ready-{at}"))
    yard.follow()


def reason(yard):
    (task,) = yard.all_tasks()
    return task.reason


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
    yard = Yard(held)

    weigh(yard, named)

    assert yard.balances_g() == {(HOUSEHOLD, LEAD): -9_000, (APART, LEAD): 9_000}
    assert reason(yard) == why
    assert yard.container().content_g == 0


def test_a_container_is_filled_up_to_its_limit_and_no_further():
    yard = Yard(container(limit_g=10_000))

    weigh(yard, battery(6_000), battery(4_000), battery(1))

    assert yard.balances_g()[ON_BOARD, LEAD] == 10_000
    assert [each.mass_delta_g for each in yard.told(LotQuarantined)] == [1]


def test_a_correction_is_measured_against_the_limit_without_its_own_old_lots():
    yard = Yard(container(limit_g=10_000))
    weigh(yard, battery(9_000))

    correct(yard, (battery(9_000),), battery(10_000))

    assert yard.balances_g()[ON_BOARD, LEAD] == 10_000


def test_what_is_incompatible_with_the_content_is_set_apart():
    yard = Yard(container(materials=(LEAD, NI_CD)))
    weigh(yard, battery(9_000))

    other = battery(500, material=NI_CD).model_copy(update={"hazardous": True})
    weigh(yard, other, pickup_id="pickup-2")

    assert yard.ledger_g(["pickup-2"])[APART, NI_CD] == 500
    assert reason(yard) == "tracking.incompatible"


def test_a_class_stands_for_all_of_its_materials():
    yard = Yard(container(material=None, classes=("acid-battery",)))

    weigh(yard, battery(9_000))

    assert yard.container().content_g == 9_000


def test_a_later_seal_is_not_seen_by_a_repeat_of_what_was_asked_before():
    yard = Yard(container())
    (event,) = in_order(*history((battery(9_000),)))
    yard.react(event)
    sealed(yard, 13_000)
    offered = yard.word.asked[-1]

    again = yard.word.ask(offered)

    assert [each.misfit for answer in again.values() for each in answer.lots] == [None]
    assert len(yard.told(LotContained)) == 1


def test_the_seal_freezes_the_net_and_the_difference_has_its_sign():
    yard = Yard(container())
    weigh(yard, battery(9_000))

    lighter = sealed(yard, 4_000 + 8_880)

    assert lighter.content_g == 8_880
    assert yard.balances_g() == {
        (HOUSEHOLD, LEAD): -9_000,
        (ON_BOARD, LEAD): 8_880,
        ("difference/GL-1", LEAD): 120,
    }


def test_a_heavier_net_is_a_negative_difference():
    yard = Yard(container())
    weigh(yard, battery(9_000))

    sealed(yard, 4_000 + 9_050)

    assert yard.balances_g()["difference/GL-1", LEAD] == -50
    assert yard.balances_g()[ON_BOARD, LEAD] == 9_050


def test_a_correction_before_the_seal_changes_the_content():
    yard = Yard(container())
    weigh(yard, battery(9_000))

    correct(yard, (battery(9_000),), battery(8_500))

    assert yard.container().content_g == 8_500
    assert yard.told(DifferenceBooked) == []


def test_a_correction_after_the_seal_changes_only_source_and_difference():
    yard = Yard(container())
    weigh(yard, battery(9_000))
    sealed(yard, 13_000)

    correct(yard, (battery(9_000),), battery(8_500))

    assert yard.container().content_g == 9_000
    assert yard.balances_g() == {
        (HOUSEHOLD, LEAD): -8_500,
        (ON_BOARD, LEAD): 9_000,
        ("difference/GL-1", LEAD): -500,
    }
    (booked,) = yard.told(DifferenceBooked)
    assert (booked.container_id, booked.mass_delta_g) == ("GL-1", -500)
    assert yard.all_tasks() == []


def test_a_lot_that_a_correction_takes_out_of_a_sealed_container_is_a_difference():
    yard = Yard(container("GL-1"), container("GL-2"))
    weigh(yard, battery(9_000))
    sealed(yard, 13_000)

    correct(yard, (battery(9_000),), battery(9_000, tag="GL-2"))

    balances_g = yard.balances_g()
    assert balances_g[ON_BOARD, LEAD] == 9_000
    assert balances_g[f"vehicle/{VEHICLE}/container/GL-2", LEAD] == 9_000
    assert balances_g["difference/GL-1", LEAD] == -9_000


def test_a_late_lot_of_a_sealed_container_waits_in_quarantine():
    yard = Yard(container())
    weigh(yard, battery(9_000))
    sealed(yard, 13_000)

    weigh(yard, battery(700), pickup_id="pickup-2")

    assert yard.container().content_g == 9_000
    assert reason(yard) == "tracking.container_sealed"


def test_an_opened_container_takes_lots_again_on_top_of_what_it_weighed():
    yard = Yard(container())
    weigh(yard, battery(9_000))
    sealed(yard, 4_000 + 8_880)
    yard.act("GL-1", sealing.open_up, reason="inspection")

    weigh(yard, battery(700), pickup_id="pickup-2")

    assert yard.container().state is State.IN_USE
    assert yard.container().content_g == 8_880 + 700


def test_a_correction_of_a_fill_that_is_over_is_a_difference_and_not_in_the_next_fill():
    yard = Yard(container())
    weigh(yard, battery(9_000))
    through_its_life(yard)

    correct(yard, (battery(9_000),), battery(8_500))

    assert (yard.container().fill, yard.container().content_g) == (2, 0)
    assert yard.balances_g() == {
        (HOUSEHOLD, LEAD): -8_500,
        ("party/smelter-1", LEAD): 9_000,
        ("difference/GL-1", LEAD): -500,
    }


def test_a_lot_weighed_before_a_fill_began_does_not_come_into_it():
    yard = Yard(container())
    weigh(yard, battery(9_000))
    through_its_life(yard)

    weigh(yard, battery(700), pickup_id="pickup-2", at=WEIGHED_AT)
    weigh(yard, battery(300), pickup_id="pickup-3", at=LATER + timedelta(days=1))

    assert yard.container().content_g == 300
    assert reason(yard) == "tracking.container_sealed"


def test_a_fill_that_ended_before_the_journal_was_written_still_answers_for_its_grams():
    yard = Yard(container())
    (event,) = in_order(*history((battery(9_000),)))
    yard.word.failing = True
    with pytest.raises(RuntimeError):
        yard.react(event)  # the container has answered, then the process dies
    yard.word.failing = False
    through_its_life(yard)

    yard.react(event)

    assert yard.balances_g() == {(HOUSEHOLD, LEAD): -9_000, ("party/smelter-1", LEAD): 9_000}


def test_a_container_is_where_its_last_lot_was_weighed():
    yard = Yard(container(holder="place/depot-1", seen_at=WEIGHED_AT - timedelta(hours=1)))

    weigh(yard, battery(9_000))

    assert yard.container().holder == f"vehicle/{VEHICLE}"
    (moved,) = yard.told(ContainerMoved)
    assert (moved.from_holder, moved.to_holder) == ("place/depot-1", f"vehicle/{VEHICLE}")


def test_a_late_lot_does_not_take_the_container_back_to_its_vehicle():
    yard = Yard(container())
    weigh(yard, battery(9_000))
    yard.tell(unloading())

    weigh(yard, battery(700), pickup_id="pickup-2", at=WEIGHED_AT)

    assert yard.container().holder == f"place/{FACILITY}"
    assert yard.ledger_g(["pickup-2"])[f"place/{FACILITY}/container/GL-1", LEAD] == 700 + 9_000


def test_an_unloading_before_a_lot_was_weighed_leaves_the_container_on_the_vehicle():
    yard = Yard(container())
    weigh(yard, battery(9_000))
    weigh(yard, battery(700), pickup_id="pickup-2", at=LATER + timedelta(minutes=1))

    yard.tell(unloading())

    assert yard.container().holder == f"vehicle/{VEHICLE}"


def test_a_tag_that_is_registered_after_its_lot_keeps_the_verdict_until_a_correction():
    yard = Yard()
    weigh(yard, battery(9_000))
    yard.register(container())
    before = yard.balances_g()

    correct(yard, (battery(9_000),), battery(9_000))

    assert before[APART, LEAD] == 9_000
    assert yard.balances_g()[ON_BOARD, LEAD] == 9_000


def test_an_own_tag_typed_in_small_letters_is_the_same_container():
    yard = Yard(container("GLC-00000001-34"))

    weigh(yard, battery(9_000, tag="glc-00000001-34"))

    assert yard.container("GLC-00000001-34").content_g == 9_000


def test_a_fill_has_a_bound_and_what_comes_then_is_set_apart():
    empty = Deposit("source", "pickup", 1, WEIGHED_AT, 0, (), ())
    many = tuple(replace(empty, source_id=f"source-{n}") for n in range(DEPOSITS_MAX))
    yard = Yard(container(deposits=many))

    weigh(yard, battery(9_000))

    assert reason(yard) == "tracking.too_many_lots"
    assert len(yard.container().deposits) == DEPOSITS_MAX


def test_a_lot_of_nothing_is_no_task():
    yard = Yard()

    weigh(yard, battery(0))

    assert yard.all_tasks() == []

"""A seal freezes the net: what comes later, and when the container is long empty again."""

from datetime import timedelta

import pytest

from services.tracking.domain import container_sealing as sealing
from services.tracking.domain.container_states import State
from shared.contracts.container import LotContained
from shared.contracts.container_life import DifferenceBooked
from tests.unit.tracking.builders import (
    COMMUNITY,
    LATER,
    LEAD,
    VEHICLE,
    WEIGHED_AT,
    container,
    history,
    in_order,
)
from tests.unit.tracking.ward import Ward, battery

HOUSEHOLD = f"household/{COMMUNITY}"
ON_BOARD = f"vehicle/{VEHICLE}/container/GL-1"
APART = f"quarantine/vehicle/{VEHICLE}"
NI_CD = "ni-cd-batteries"


def test_a_later_seal_is_not_seen_by_a_repeat_of_what_was_asked_before():
    yard = Ward(container())
    (event,) = in_order(*history((battery(9_000),)))
    yard.react(event)
    yard.seal(13_000)
    offered = yard.word.asked[-1]

    again = yard.word.ask(offered)

    assert [each.misfit for answer in again.values() for each in answer.lots] == [None]
    assert len(yard.told(LotContained)) == 1


def test_the_seal_freezes_the_net_and_the_difference_has_its_sign():
    yard = Ward(container())
    yard.weigh(battery(9_000))

    lighter = yard.seal(4_000 + 8_880)

    assert lighter.content_g == 8_880
    assert yard.balances_g() == {
        (HOUSEHOLD, LEAD): -9_000,
        (ON_BOARD, LEAD): 8_880,
        ("difference/GL-1", LEAD): 120,
    }


def test_a_heavier_net_is_a_negative_difference():
    yard = Ward(container())
    yard.weigh(battery(9_000))

    yard.seal(4_000 + 9_050)

    assert yard.balances_g()["difference/GL-1", LEAD] == -50
    assert yard.balances_g()[ON_BOARD, LEAD] == 9_050


def test_a_correction_before_the_seal_changes_the_content():
    yard = Ward(container())
    yard.weigh(battery(9_000))

    yard.correct((battery(9_000),), (battery(8_500),))

    assert yard.container().content_g == 8_500
    assert yard.told(DifferenceBooked) == []


def test_a_correction_after_the_seal_changes_only_source_and_difference():
    yard = Ward(container())
    yard.weigh(battery(9_000))
    yard.seal(13_000)

    yard.correct((battery(9_000),), (battery(8_500),))

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
    yard = Ward(container("GL-1"), container("GL-2"))
    yard.weigh(battery(9_000))
    yard.seal(13_000)

    yard.correct((battery(9_000),), (battery(9_000, tag="GL-2"),))

    balances_g = yard.balances_g()
    assert balances_g[ON_BOARD, LEAD] == 9_000
    assert balances_g[f"vehicle/{VEHICLE}/container/GL-2", LEAD] == 9_000
    assert balances_g["difference/GL-1", LEAD] == -9_000


def test_a_late_lot_of_a_sealed_container_waits_in_quarantine():
    yard = Ward(container())
    yard.weigh(battery(9_000))
    yard.seal(13_000)

    yard.weigh(battery(700), pickup_id="pickup-2")

    assert yard.container().content_g == 9_000
    assert yard.task.reason == "tracking.container_sealed"


def test_an_opened_container_takes_lots_again_on_top_of_what_it_weighed():
    yard = Ward(container())
    yard.weigh(battery(9_000))
    yard.seal(4_000 + 8_880)
    yard.act("GL-1", sealing.open_up, reason="inspection")

    yard.weigh(battery(700), pickup_id="pickup-2")

    assert yard.container().state is State.IN_USE
    assert yard.container().content_g == 8_880 + 700


def test_a_correction_of_a_fill_that_is_over_is_a_difference_and_not_in_the_next_fill():
    yard = Ward(container())
    yard.weigh(battery(9_000))
    yard.through_its_life()

    yard.correct((battery(9_000),), (battery(8_500),))

    assert (yard.container().fill, yard.container().content_g) == (2, 0)
    assert yard.balances_g() == {
        (HOUSEHOLD, LEAD): -8_500,
        ("party/smelter-1", LEAD): 9_000,
        ("difference/GL-1", LEAD): -500,
    }


def test_a_lot_weighed_before_a_fill_began_does_not_come_into_it():
    yard = Ward(container())
    yard.weigh(battery(9_000))
    yard.through_its_life()

    yard.weigh(battery(700), pickup_id="pickup-2", at=WEIGHED_AT)
    yard.weigh(battery(300), pickup_id="pickup-3", at=LATER + timedelta(days=1))

    assert yard.container().content_g == 300
    assert yard.task.reason == "tracking.container_sealed"


def test_a_fill_that_ended_before_the_journal_was_written_still_answers_for_its_grams():
    yard = Ward(container())
    (event,) = in_order(*history((battery(9_000),)))
    yard.word.failing = True
    with pytest.raises(RuntimeError):
        yard.react(event)  # the container has answered, then the process dies
    yard.word.failing = False
    yard.through_its_life()

    yard.react(event)

    assert yard.balances_g() == {(HOUSEHOLD, LEAD): -9_000, ("party/smelter-1", LEAD): 9_000}

"""Tasks when lots are corrected, and when a resolution cannot be carried out."""

from dataclasses import replace

import pytest

from services.tracking.domain.quarantine import TaskState, Way
from shared.kernel.errors import Conflict
from tests.unit.tracking.builders import (
    FACILITY,
    LEAD,
    VEHICLE,
    container,
    unloading,
)
from tests.unit.tracking.ward import Ward, battery, stray

APART = (f"quarantine/vehicle/{VEHICLE}", LEAD)
IN_BOX = (f"vehicle/{VEHICLE}/container/GL-1", LEAD)


def test_a_resolution_stands_when_the_lot_is_corrected(ward):
    ward.resolve(Way.TO_CONTAINER, "GL-1")

    ward.correct((stray(),), (stray(8_500),))

    assert ward.balances_g()[IN_BOX] == 8_500
    assert ward.task.state is TaskState.RESOLVED


def test_a_ruling_that_comes_again_or_late_changes_nothing(ward):
    ward.resolve(Way.TO_PLACE, "outlet-1")
    (known,) = ward.journal.rulings

    for number in (known.number - 1, known.number):
        assert ward.journal.rule(replace(known, number=number, target="elsewhere")) is None


def test_a_placed_lot_stays_where_a_person_put_it_when_the_vehicle_unloads(ward):
    ward.resolve(Way.TO_PLACE, "outlet-1")

    ward.tell(unloading())

    assert ward.balances_g()["place/outlet-1", LEAD] == 9_000


def test_an_open_one_moves_with_the_load(ward):
    ward.tell(unloading())

    assert ward.balances_g()[f"quarantine/place/{FACILITY}", LEAD] == 9_000
    assert ward.task.state is TaskState.OPEN


def test_a_correction_that_takes_the_lot_away_withdraws_the_task(ward):
    ward.correct((stray(),), (battery(tag="GL-1"),))

    assert (ward.task.state, ward.task.mass_g) == (TaskState.WITHDRAWN, 0)
    with pytest.raises(Conflict) as refused:
        ward.resolve(Way.ACCEPT)
    assert refused.value.code == "tracking.task_withdrawn"


def test_a_correction_of_the_mass_keeps_the_task(ward):
    ward.correct((stray(),), (stray(8_500),))

    assert (ward.task.state, ward.task.mass_g) == (TaskState.OPEN, 8_500)


def test_the_task_tells_the_present_reason():
    ward = Ward()
    ward.weigh(battery(tag="GL-1"))
    ward.register(container("GL-1", limit_g=10))

    ward.correct((battery(tag="GL-1"),), (battery(tag="GL-1"),))

    assert (ward.task.reason, ward.task.mass_g) == ("tracking.over_limit", 9_000)


def test_equal_lots_are_tasks_of_their_own():
    ward = Ward()
    ward.weigh(stray(1_000), stray(2_000))
    first, second = sorted(ward.all_tasks(), key=lambda task: task.mass_g)

    ward.resolve(Way.TO_PLACE, "outlet-1", task=first.task_id)
    ward.resolve(Way.TO_PLACE, "outlet-2", task=second.task_id)

    assert ward.balances_g()["place/outlet-1", LEAD] == 1_000
    assert ward.balances_g()["place/outlet-2", LEAD] == 2_000

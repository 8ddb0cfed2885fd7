"""Lots in quarantine are tasks; a person resolves them, and the grams follow or come back."""

import random
from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from services.tracking.domain import container_sealing as sealing
from services.tracking.domain import quarantine
from services.tracking.domain.container_states import State
from services.tracking.domain.quarantine import TaskState, Told, Way
from shared.contracts.container import LotContained
from shared.contracts.container_life import ResolutionRefused
from shared.contracts.container_life import TaskResolved as TaskResolvedEvent
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Invalid, NotFound
from tests.unit.tracking.builders import (
    BY,
    COMMUNITY,
    LATER,
    LEAD,
    PICKUP,
    VEHICLE,
    WEIGHED_AT,
    container,
)
from tests.unit.tracking.ward import Ward, battery, stray

APART = (f"quarantine/vehicle/{VEHICLE}", LEAD)
IN_BOX = (f"vehicle/{VEHICLE}/container/GL-1", LEAD)


def test_a_quarantined_lot_is_an_open_task(ward):
    task = ward.task

    assert (task.state, task.mass_g, task.reason) == (
        TaskState.OPEN,
        9_000,
        "tracking.unknown_tag",
    )
    assert (task.pickup_id, task.container_tag, task.material) == (PICKUP, "GL-LOST", LEAD)
    assert (task.community_code, task.opened_at) == (COMMUNITY, WEIGHED_AT)


def test_a_lot_is_moved_to_a_container(ward):
    ward.resolve(Way.TO_CONTAINER, "GL-1")

    assert ward.balances_g()[IN_BOX] == 9_000
    assert APART not in ward.balances_g()
    assert ward.container().content_g == 9_000
    assert (ward.task.state, ward.task.mass_g) == (TaskState.RESOLVED, 0)
    (told,) = ward.told(LotContained)
    assert (told.container_id, told.pickup_id, told.mass_delta_g) == ("GL-1", PICKUP, 9_000)


@pytest.mark.parametrize(
    ("way", "target", "account"),
    [
        (Way.TO_PLACE, "outlet-1", "place/outlet-1"),
        (Way.ACCEPT, None, f"vehicle/{VEHICLE}"),
    ],
)
def test_a_lot_goes_where_a_person_says(ward, way, target, account):
    ward.resolve(way, target)

    assert ward.balances_g() == {(f"household/{COMMUNITY}", LEAD): -9_000, (account, LEAD): 9_000}
    assert (ward.task.state, ward.task.mass_g) == (TaskState.RESOLVED, 0)


def test_what_is_accepted_as_it_is_lies_in_the_container_that_it_names():
    ward = Ward(container("GL-1", limit_g=1_000))
    ward.weigh(battery(tag="GL-1"))

    ward.resolve(Way.ACCEPT)

    assert ward.balances_g()[IN_BOX] == 9_000
    assert ward.container().content_g == 9_000


def test_a_late_lot_accepted_into_a_sealed_container_is_what_the_seal_had_found():
    ward = Ward(container("GL-1"))
    ward.weigh(battery(tag="GL-1"))
    ward.act("GL-1", sealing.seal, weighing=sealing.Weighing(4_000 + 9_700, "scale-1"))
    ward.weigh(battery(700, tag="GL-1"), pickup_id="pickup-2")

    ward.resolve(Way.ACCEPT)

    balances_g = ward.ledger_g([PICKUP, "pickup-2"])
    assert balances_g == {(f"household/{COMMUNITY}", LEAD): -9_700, IN_BOX: 9_700}


@pytest.mark.parametrize(
    ("target", "error", "code"),
    [
        ("GL-2", Conflict, "tracking.wrong_material"),
        ("GL-NONE", NotFound, "container.not_found"),
        ("GL-LOST", NotFound, "container.not_found"),
        ("GLC-00000001-35", Invalid, "tracking.tag_mistyped"),
    ],
)
def test_a_container_that_does_not_fit_is_refused_at_once(ward, target, error, code):
    with pytest.raises(error) as refused:
        ward.resolve(Way.TO_CONTAINER, target)

    assert refused.value.code == code
    assert ward.task.state is TaskState.OPEN


@pytest.mark.parametrize(("way", "target"), [(Way.TO_PLACE, None), (Way.ACCEPT, "GL-1")])
def test_a_resolution_names_where_the_lot_goes_and_nothing_else(ward, way, target):
    with pytest.raises(Invalid) as refused:
        ward.resolve(way, target)

    assert refused.value.code == "tracking.resolution"


def test_a_container_that_is_sealed_meanwhile_gives_the_task_back(ward):
    ward.weigh(battery(100, tag="GL-1"), pickup_id="pickup-2")
    ward.resolve(Way.TO_CONTAINER, "GL-1", follow=False)
    ward.act("GL-1", sealing.seal, weighing=sealing.Weighing(4_100, "scale-1"))

    ward.follow()

    task = ward.task
    assert (task.state, task.mass_g) == (TaskState.OPEN, 9_000)
    (refusal,) = task.refusals
    assert refusal.reason == "tracking.container_sealed"
    assert (refusal.resolution.by, refusal.resolution.target) == (BY, "GL-1")
    assert ward.balances_g()[APART] == 9_000
    (refused,) = ward.told(ResolutionRefused)
    assert (refused.number, refused.container_tag) == (1, "GL-LOST")


def test_a_task_that_came_back_is_resolved_anew(ward):
    ward.weigh(battery(100, tag="GL-1"), pickup_id="pickup-2")
    ward.resolve(Way.TO_CONTAINER, "GL-1", follow=False)
    ward.act("GL-1", sealing.seal, weighing=sealing.Weighing(4_100, "scale-1"))
    ward.follow()

    ward.resolve(Way.TO_PLACE, "outlet-1")

    assert ward.balances_g()["place/outlet-1", LEAD] == 9_000
    assert (ward.task.state, ward.task.resolution.number) == (TaskState.RESOLVED, 2)


def test_a_correction_that_the_container_cannot_take_any_more_opens_the_task_again():
    ward = Ward(container("GL-1", limit_g=9_000))
    ward.weigh(stray())
    ward.resolve(Way.TO_CONTAINER, "GL-1")

    ward.correct((stray(),), (stray(9_001),))

    assert (ward.task.state, ward.task.mass_g) == (TaskState.OPEN, 9_001)
    assert ward.container().content_g == 0
    assert ward.balances_g()[APART] == 9_001


def test_a_repeated_resolution_is_the_first_one(ward):
    first = ward.resolve(Way.TO_CONTAINER, "GL-1", scope="a")

    again = ward.resolve(Way.TO_CONTAINER, "GL-1", scope="a")

    assert again.answer == first.answer
    assert len(ward.told(TaskResolvedEvent)) == 1


def test_the_second_of_two_persons_is_told_that_it_is_done(ward):
    ward.resolve(Way.TO_PLACE, "outlet-1", scope="a", follow=False)

    with pytest.raises(Conflict) as refused:
        ward.resolve(Way.ACCEPT, scope="b")

    assert refused.value.code == "tracking.task_resolved"


def test_who_decided_is_kept_and_is_not_told_to_the_world(ward):
    ward.resolve(Way.TO_PLACE, "outlet-1")

    (event,) = ward.told(TaskResolvedEvent)
    assert (ward.task.resolution.by, ward.task.resolution.reason) == (BY, "seen")
    assert BY.subject not in event.model_dump_json()


def test_reports_add_up_in_any_order():
    deltas = [9_000, -9_000, 8_500, -500, 300]
    news = [
        Told("t", PICKUP, COMMUNITY, LEAD, None, f"lot-{n}", f"reason-{n}", delta, n, WEIGHED_AT)
        for n, delta in enumerate(deltas, start=1)
    ]

    for seed in range(20):
        random.Random(seed).shuffle(news)
        task = None
        for each in news:
            task = quarantine.told(task, each).state
        assert (task.mass_g, task.state) == (sum(deltas), TaskState.OPEN)
        assert task.reason == "reason-5"


def test_a_lot_for_a_container_that_is_empty_again_is_put_into_its_new_fill():
    ward = Ward(container("GL-1", state=State.SEALED))
    ward.weigh(battery(tag="GL-1"))
    later = LATER + timedelta(hours=2)
    fresh = partial(_emptied_since, at=later - timedelta(hours=1))
    ward.containers.change("GL-1", fresh)
    ward.clock.instant = later

    ward.resolve(Way.TO_CONTAINER, "GL-1")

    assert ward.container().content_g == 9_000


def _emptied_since(held, *, at):
    state = replace(held, state=State.EMPTY, fill=2, fill_began_at=at, deposits=())
    return Decision(state)

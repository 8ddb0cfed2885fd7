"""Lots against the grams of their permit: each once, however often and in whatever order told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.tracking.domain.container_permits import IssuedPermit
from services.tracking.domain.quarantine import Way
from shared.kernel.aggregate import Decision
from tests.unit.tracking.builders import LEAD, WEIGHED_AT, container
from tests.unit.tracking.ward import Ward, battery

PERMIT = IssuedPermit(
    permit_id="permit-1",
    tag="GL-1",
    materials=(LEAD,),
    grams_left=10_000,
    subject="collector-1",
    device_id=None,
    issued_at=WEIGHED_AT - timedelta(hours=1),
    expires_at=WEIGHED_AT + timedelta(hours=11),
)
NEXT_DAY = WEIGHED_AT + timedelta(days=1)


def ward(*permits):
    yard = Ward(container(limit_g=100_000))
    for permit in permits or (PERMIT,):
        yard.permits.create(permit.permit_id, Decision(permit))
    return yard


def with_permit(mass_g, permit_id="permit-1", **rest):
    return battery(mass_g, permit_id=permit_id, **rest)


def reasons(yard):
    return [each.reason for each in yard.all_tasks()]


def test_several_lots_use_up_a_permit_and_the_next_is_set_apart():
    yard = ward()

    yard.weigh(with_permit(6_000), with_permit(4_000), with_permit(1))
    yard.weigh(with_permit(500), pickup_id="pickup-2")

    assert yard.container().content_g == 10_000
    assert reasons(yard) == ["permit.over_limit"] * 2


def test_what_is_told_again_counts_once():
    yard = ward()
    yard.times = 3
    yard.weigh(with_permit(6_000))
    for _ in range(3):
        yard.weigh(with_permit(6_000))

    yard.weigh(with_permit(4_000), pickup_id="pickup-2")

    assert yard.container().content_g == 10_000
    assert reasons(yard) == []


def test_a_correction_gives_grams_back_and_takes_them():
    yard = ward()
    yard.weigh(with_permit(10_000))
    yard.correct((with_permit(10_000),), (with_permit(7_000),))

    yard.weigh(with_permit(3_000), pickup_id="pickup-2")
    yard.correct((with_permit(10_000),), (with_permit(7_000),), (with_permit(7_001),))

    assert yard.container().content_g == 3_000
    assert reasons(yard) == ["permit.over_limit"]


def test_each_permit_has_its_own_grams():
    yard = ward(PERMIT, replace(PERMIT, permit_id="permit-2", grams_left=3_000))

    yard.weigh(with_permit(10_000), with_permit(3_001, "permit-2"), with_permit(3_000, "permit-2"))

    assert yard.container().content_g == 13_000
    assert [each.mass_g for each in yard.all_tasks()] == [3_001]


@pytest.mark.parametrize(
    ("permit", "fault"),
    [
        (replace(PERMIT, tag="GL-2"), "permit.other_container"),
        (replace(PERMIT, permit_id="permit-9"), None),  # not tracking's to know: the container's
        (replace(PERMIT, expires_at=WEIGHED_AT - timedelta(minutes=1)), None),  # collection judged
    ],
)
def test_a_permit_is_of_its_container(permit, fault):
    yard = ward(permit)

    yard.weigh(with_permit(9_000))

    assert reasons(yard) == ([fault] if fault else [])


def test_a_permit_ends_with_its_fill():
    yard = ward()
    yard.weigh(with_permit(6_000))
    yard.through_its_life()

    yard.weigh(with_permit(1_000), pickup_id="pickup-2", at=NEXT_DAY)

    assert reasons(yard) == ["permit.fill_over"]
    assert yard.container().content_g == 0


def test_a_person_may_accept_what_the_permit_did_not_cover_and_it_counts():
    yard = ward()
    yard.weigh(with_permit(12_000))
    yard.resolve(Way.ACCEPT)

    yard.weigh(with_permit(1), pickup_id="pickup-2")

    assert yard.container().content_g == 12_000
    assert sorted(reasons(yard)) == ["permit.over_limit"] * 2


@pytest.mark.parametrize("fault", ["permit.expired", None])
def test_a_person_moves_a_lot_into_a_container_without_a_permit(fault):
    yard = ward()
    yard.weigh(with_permit(12_000, permit_fault=fault))

    yard.resolve(Way.TO_CONTAINER, "GL-1")

    assert yard.container().content_g == 12_000
    assert yard.journal.quarantined() == {}

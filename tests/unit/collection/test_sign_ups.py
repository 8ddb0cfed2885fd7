"""Signing up: as many as there are places, one a household, and no place leaks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collection.application import signing_up
from services.collection.application.signing_up import pool_of_drive, sign_up_id_of
from services.collection.domain.pools import HOLD_FOR
from services.collection.domain.signup import SignUpState
from shared.kernel.errors import Conflict, Invalid, NotFound
from tests.unit.collection.builders import Crash
from tests.unit.collection.drive_builders import DriveHouse, asked

POOL = pool_of_drive("drive-1")
LABELS = ["sign_up.hold.after", "sign_up.decide.before"]


def house_of(capacity=2, households=4):
    house = DriveHouse(capacity=capacity)
    for number in range(households):
        house.household(f"household-{number}", owner=f"resident-{number}")
    return house


def sign(house, number, **rest):
    return house.sign_up(f"household-{number}", caller=f"resident-{number}", **rest)


def holds(house):
    return sorted(hold.hold_id for hold in house.places.get(POOL).holds)


def used(house):
    places = [each.place for each in house.sign_ups.states() if each.place]
    return sorted(place.hold_id for place in places)


def sweep(house):
    house.lease_clock.advance(HOLD_FOR)
    signing_up.sweep_places(desk=house.desk)


def test_there_are_as_many_as_places():
    house = house_of(capacity=2)
    sign(house, 0)
    sign(house, 1)

    with pytest.raises(Conflict) as refused:
        sign(house, 2)

    assert refused.value.code == "drive.full"
    assert holds(house) == used(house)


def test_a_withdrawn_place_is_anothers():
    house = house_of(capacity=1)
    sign(house, 0)
    house.withdraw("household-0", caller="resident-0")

    assert sign(house, 1).state.state is SignUpState.SIGNED
    assert holds(house) == used(house)


def test_a_household_signs_up_again_after_it_withdrew():
    house = house_of(capacity=1)
    for _ in range(3):
        sign(house, 0)
        house.withdraw("household-0", caller="resident-0")
    again = sign(house, 0)

    assert again.state.state is SignUpState.SIGNED
    assert holds(house) == used(house) == [f"{again.id}#{again.version - 1}"]


def test_a_household_signs_up_once_and_a_repeat_gets_its_answer():
    house = house_of()
    request = asked("key", 201)
    first = sign(house, 0, request=request)

    again = sign(house, 0, request=request)

    assert first.answer == again.answer
    with pytest.raises(Conflict) as refused:
        sign(house, 0)
    assert refused.value.code == "sign_up.exists"
    with pytest.raises(Invalid) as refused:
        sign(house, 0, request=asked("key", 201, "other"))
    assert refused.value.code == "idempotency.body_differs"


def test_nobody_signs_up_another_household_but_staff():
    house = house_of()

    with pytest.raises(NotFound):
        house.sign_up("household-1", caller="resident-0")
    assert house.sign_up("household-1", caller="operator-1", is_staff=True)


def test_nobody_signs_up_for_what_is_over():
    house = house_of()
    house.open()
    house.close()

    with pytest.raises(Conflict) as refused:
        sign(house, 0)
    assert refused.value.code == "drive.not_possible"


def test_a_household_that_is_closed_gives_its_places_back():
    house = house_of(capacity=1)
    house.plan("drive-2")
    sign(house, 0)
    sign(house, 0, drive_id="drive-2")
    for _ in range(2):
        signing_up.withdraw_household("household-0", desk=house.desk)

    assert {each.state for each in house.sign_ups.states()} == {SignUpState.WITHDRAWN}
    assert holds(house) == []
    assert sign(house, 1).state.state is SignUpState.SIGNED


def test_without_a_capacity_everybody_may_come():
    house = house_of(capacity=None)

    assert [sign(house, number).state.place for number in range(4)] == [None] * 4


@pytest.mark.parametrize("label", LABELS)
def test_a_crash_leaks_no_place_and_a_repeat_signs_up(label):
    house = house_of(capacity=1)
    request = asked("key", 201)
    house.crash_at = label
    with pytest.raises(Crash):
        sign(house, 0, request=request)
    sweep(house)

    assert holds(house) == used(house) == []
    assert house.sign_ups.get(sign_up_id_of("drive-1", "household-0")).state.state == "lapsed"
    assert sign(house, 0, request=request).state.state is SignUpState.SIGNED
    assert holds(house) == used(house)


def test_a_repeat_before_the_sweep_uses_the_place_that_is_held():
    house = house_of(capacity=1)
    house.crash_at = "sign_up.decide.before"
    with pytest.raises(Crash):
        sign(house, 0)

    sign(house, 0)
    sweep(house)

    assert holds(house) == used(house)
    assert len(holds(house)) == 1


ACTS = st.tuples(
    st.sampled_from(["sign", "withdraw", "sweep", "crash"]),
    st.integers(0, 3),
    st.sampled_from(LABELS),
)


@given(st.lists(ACTS, max_size=25))
def test_in_every_order_places_and_sign_ups_agree(acts):
    house = house_of(capacity=2)
    for act, number, label in acts:
        try:
            if act == "sign":
                sign(house, number)
            elif act == "withdraw":
                house.withdraw(f"household-{number}", caller=f"resident-{number}")
            elif act == "sweep":
                sweep(house)
            else:
                house.crash_at = label
        except (Conflict, NotFound, Crash):
            continue
        finally:
            signed = [s for s in house.sign_ups.states() if s.state is SignUpState.SIGNED]
            assert len(signed) <= 2
    house.crash_at = None
    sweep(house)

    assert (holds(house) if house.sign_ups.states() else []) == used(house)

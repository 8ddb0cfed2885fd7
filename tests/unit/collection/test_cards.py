"""Residents' QR cards: opaque, rotating, recognised as a household and nothing more."""

from datetime import timedelta

import pytest

from services.collection.application import cards, members
from services.collection.application.members import Acting
from services.collection.domain.cards import (
    CARDS_MAX,
    CLOCK_TOLERANCE,
    GRACE,
    KEPT_FOR,
    VALID_FOR,
)
from shared.kernel.errors import NotFound
from tests.unit.collection.builders import COMMUNITY, House, plain_request

SECOND, YEARS = timedelta(seconds=1), timedelta(days=20_000)


class Cards(House):
    def issue(self, scope="card", *, household_id="home", caller="resident-1"):
        asked = plain_request(scope)
        return cards.issue_card(household_id, caller, desk=self.desk, request=asked)[1]

    def shown(self, caller="resident-1"):
        return cards.present_card("home", caller, desk=self.desk)

    def recognise(self, token, *, at=None):
        return self.desk.cards.recognise(token, at=at or self.clock.now())

    def is_known(self, token, *, at=None):
        try:
            return bool(self.recognise(token, at=at))
        except NotFound:
            return False


@pytest.fixture
def house():
    return Cards()


def test_a_card_tells_the_household_and_its_community(house):
    found = house.recognise(house.issue())

    assert (found.household_id, found.community_code) == ("home", COMMUNITY)


def test_a_repeat_gets_the_same_card_also_after_another(house):
    first = house.issue("one")
    house.issue("two")

    assert house.issue("one") == first
    assert len(house.people.of("resident-1").state.cards) == 2


def test_the_card_shown_is_the_newest(house):
    house.issue("one")
    second = house.issue("two")

    assert house.shown() == second


def test_the_card_before_is_valid_for_a_short_grace(house):
    first, second = house.issue("one"), house.issue("two")

    house.clock.advance(GRACE - SECOND)
    during = house.is_known(first)
    house.clock.advance(SECOND)

    assert (during, house.is_known(first), house.is_known(second)) == (True, False, True)


def test_a_grace_never_lengthens_a_card(house):
    first = house.issue("one")
    house.clock.advance(VALID_FOR - SECOND)
    house.issue("two")
    house.clock.advance(SECOND)

    assert not house.is_known(first)


def test_a_card_ends(house):
    token = house.issue()
    house.clock.advance(VALID_FOR)

    assert not house.is_known(token)
    with pytest.raises(NotFound):
        house.shown()


def test_a_phone_that_was_offline_tells_of_a_card_later(house):
    token, seen_at = house.issue(), house.clock.now()
    house.clock.advance(VALID_FOR + timedelta(hours=3))

    assert house.is_known(token, at=seen_at)
    assert not house.is_known(token, at=house.clock.now() + SECOND)  # it is over, whoever says when
    house.clock.advance(KEPT_FOR)
    assert not house.is_known(token, at=seen_at)


@pytest.mark.parametrize(
    ("behind", "is_noted"),
    [(SECOND, False), (CLOCK_TOLERANCE, False), (CLOCK_TOLERANCE + SECOND, True), (YEARS, True)],
)
def test_a_card_is_known_to_a_device_whose_clock_is_behind(house, behind, is_noted):
    token, made_at = house.issue(), house.clock.now()
    house.clock.advance(timedelta(hours=1))

    found = house.recognise(token, at=made_at - behind)

    assert (found.household_id, found.clock_behind) == ("home", is_noted)
    house.clock.advance(KEPT_FOR)
    assert not house.is_known(token, at=made_at - behind)


def test_a_card_is_known_to_a_device_whose_clock_is_ahead(house):
    token = house.issue()

    assert house.is_known(token, at=house.clock.now() + YEARS)


def test_a_rotated_card_is_looked_up_for_an_offline_phone(house):
    token, seen_at = house.issue("one"), house.clock.now()
    house.clock.advance(timedelta(hours=1))
    house.issue("two")
    house.clock.advance(timedelta(hours=1))

    assert house.is_known(token, at=seen_at)


def test_a_member_who_left_has_no_card(house):
    invited = plain_request("invite")
    _, code = members.invite(
        Acting("home", "resident-1", False), "member", desk=house.desk, request=invited
    )
    members.join(code, "resident-2", desk=house.desk, request=plain_request("join"))
    token = house.issue(caller="resident-2")
    guest = house.people.of("resident-2").id

    members.remove(
        Acting("home", "resident-1", False), guest, desk=house.desk, request=plain_request("go")
    )

    assert not house.is_known(token)
    with pytest.raises(NotFound):
        house.shown("resident-2")


def test_nobody_gets_a_card_of_others(house):
    with pytest.raises(NotFound):
        house.issue(caller="resident-2")
    with pytest.raises(NotFound):
        house.recognise("made up")


def test_tokens_are_kept_as_hashes_only_and_in_a_bounded_number(house):
    tokens = [house.issue(f"card {number}") for number in range(CARDS_MAX + 5)]

    kept = house.people.of("resident-1").state

    assert len(kept.cards) == CARDS_MAX
    assert not any(token in str(kept) for token in tokens)
    assert house.is_known(tokens[-1])

"""Who is told: the members of a household, as long as they are there and not erased."""

import pytest

from services.collection.application import erasing, residents
from services.collection.application.recipients import MemberRecipients
from services.collection.domain.people import Contact
from services.collection.domain.preferences import OPERATORS, Addressee
from tests.unit.collection.builders import House, plain_request

CHEN = Contact("Chen Wei", None, "chen@example.org", "en")


@pytest.fixture
def house():
    held = House()
    residents.introduce("resident-1", CHEN, desk=held.desk, request=plain_request("introduce"))
    return held


def recipients(house):
    return MemberRecipients(house.desk, operators_email="city@example.org")


def only_member(house):
    (member,) = recipients(house).of_households(["home", "nowhere"])["home"]
    return member


def test_a_member_is_reached_by_the_own_data(house):
    member = only_member(house)

    found = recipients(house).addressee(member, household_id="home")

    assert found == Addressee(member, "chen@example.org", "en", subject="resident-1")
    assert "resident-1" not in member


def test_who_is_erased_or_of_another_household_is_not_reached(house):
    member = only_member(house)
    house.register("other", "resident-2")

    elsewhere = recipients(house).addressee(member, household_id="other")
    erasing.erase_person(
        erasing.ErasePerson("resident-1"), desk=house.desk, request=plain_request("erase")
    )

    assert elsewhere is None
    assert recipients(house).addressee(member, household_id="home") is None


def test_the_citys_staff_is_reached_at_its_own_address(house):
    found = recipients(house).addressee(OPERATORS, household_id="home")

    assert found == Addressee(OPERATORS, "city@example.org", subject=OPERATORS)

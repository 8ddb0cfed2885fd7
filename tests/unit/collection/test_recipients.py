"""Who is told: the members of a household, as long as they are there and not erased."""

import pytest

from services.collection.application import erasing, residents
from services.collection.application.recipients import MemberRecipients
from services.collection.domain.outcomes import COLLECTOR, OPERATOR, RESIDENT
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


def reached(house, recipient, *, audience=RESIDENT, household_id="home"):
    held = recipients(house)
    return held.addressee(recipient, audience=audience, household_id=household_id)


def only_member(house):
    (member,) = recipients(house).of_households(["home", "nowhere"])["home"]
    return member


def test_a_member_is_reached_by_the_own_data(house):
    member = only_member(house)

    found = reached(house, member)

    assert found == Addressee(member, "chen@example.org", "en", subject="resident-1")
    assert "resident-1" not in member


def test_who_is_erased_or_of_another_household_is_not_reached(house):
    member = only_member(house)
    house.register("other", "resident-2")

    elsewhere = reached(house, member, household_id="other")
    erasing.erase_person(
        erasing.ErasePerson("resident-1"), desk=house.desk, request=plain_request("erase")
    )

    assert elsewhere is None
    assert reached(house, member) is None


def test_the_citys_staff_is_reached_at_its_own_address(house):
    found = reached(house, OPERATORS, audience=OPERATOR)

    assert found == Addressee(OPERATORS, "city@example.org", subject=OPERATORS)


def test_a_collector_is_reached_as_who_logs_in_and_never_as_a_resident(house):
    named_as_staff = reached(house, OPERATORS, audience=COLLECTOR)

    assert named_as_staff == Addressee(OPERATORS, subject=OPERATORS)
    assert reached(house, only_member(house), audience=RESIDENT, household_id=None) is None

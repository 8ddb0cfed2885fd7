"""Who joins a household, who leaves it, and who owns it."""

from datetime import timedelta

import pytest

from services.collection.application import members, residents
from services.collection.application.members import Acting
from services.collection.domain.households import INVITE_VALID_FOR, INVITES_MAX, MEMBERS_MAX
from services.collection.domain.people import Home
from shared.kernel.errors import Conflict, Forbidden, NotFound
from tests.unit.collection.builders import House, plain_request

OWNER, GUEST, STRANGER = "resident-1", "resident-2", "resident-3"


class Home1(House):
    """The household "home" of resident-1, with its acts."""

    def invite(self, caller=OWNER, *, role="member", scope="invite", is_staff=False):
        acting = Acting("home", caller, is_staff)
        return members.invite(acting, role, desk=self.desk, request=plain_request(scope))[1]

    def join(self, code, caller=GUEST, *, scope="join"):
        return members.join(code, caller, desk=self.desk, request=plain_request(scope))

    def joined(self, caller=GUEST, *, role="member"):
        self.join(self.invite(role=role, scope=f"invite {caller}"), caller, scope=f"join {caller}")
        return self.person(caller)

    def remove(self, person_id, caller=OWNER, *, scope="remove", is_staff=False):
        acting = Acting("home", caller, is_staff)
        return members.remove(acting, person_id, desk=self.desk, request=plain_request(scope))

    def give_role(self, person_id, role, caller=OWNER, *, scope="role"):
        acting = Acting("home", caller, False)
        return members.give_role(
            acting, person_id, role, desk=self.desk, request=plain_request(scope)
        )

    def settle(self, caller, **said):
        home = Home("home", **said)
        return residents.settle(
            caller, home, desk=self.desk, request=plain_request(f"settle {caller}")
        )

    def person(self, caller):
        return self.people.of(caller).id

    def roles(self):
        found = self.households.get("home").state.members
        return {each.person_id: each.role for each in found}


@pytest.fixture
def house():
    return Home1()


def test_whoever_registers_a_household_owns_it(house):
    assert house.roles() == {house.person(OWNER): "owner"}


def test_an_invited_person_joins_and_books(house):
    guest = house.joined()

    house.book("p-1", caller=GUEST)

    assert house.roles()[guest] == "member"
    assert house.share() == ["p-1"]


def test_a_code_lets_one_person_in(house):
    code = house.invite()
    house.join(code)

    with pytest.raises(NotFound) as refused:
        house.join(code, STRANGER, scope="again")

    assert refused.value.code == "invite.not_found"
    assert house.people.of(STRANGER) is None  # who is refused is not kept


def test_a_repeat_of_joining_is_the_first_answer(house):
    code = house.invite()
    first = house.join(code)

    assert house.join(code).answer == first.answer
    assert len(house.roles()) == 2


def test_a_repeated_invite_is_the_same_code(house):
    assert house.invite() == house.invite()
    assert len(house.households.get("home").state.invites) == 1


def test_a_code_ends_after_its_days(house):
    code = house.invite()
    house.clock.advance(INVITE_VALID_FOR)

    with pytest.raises(NotFound):
        house.join(code)


def test_a_made_up_code_lets_nobody_in(house):
    with pytest.raises(NotFound):
        house.join("A" * 32)


def test_codes_are_kept_as_hashes_only(house):
    code = house.invite()

    assert code not in str(house.households.get("home"))


def test_a_household_has_so_many_open_invites(house):
    for number in range(INVITES_MAX):
        house.invite(scope=f"invite {number}")

    with pytest.raises(Conflict) as refused:
        house.invite(scope="one more")

    assert refused.value.code == "household.too_many_invites"
    house.clock.advance(INVITE_VALID_FOR)
    house.invite(scope="later")


def test_a_household_has_so_many_members(house):
    for number in range(MEMBERS_MAX - 1):
        house.joined(f"guest-{number}")

    with pytest.raises(Conflict) as refused:
        house.joined("one-more")

    assert refused.value.code == "household.too_many_members"


def test_only_owners_and_staff_invite(house):
    house.joined()

    with pytest.raises(Forbidden):
        house.invite(GUEST, scope="guest's")
    with pytest.raises(NotFound):
        house.invite(STRANGER, scope="stranger's")
    assert house.invite("city-1", scope="staff's", is_staff=True)


def test_a_removed_member_is_out_at_once(house):
    guest = house.joined()
    house.book("p-1", caller=GUEST)

    house.remove(guest)

    assert list(house.roles()) == [house.person(OWNER)]
    with pytest.raises(NotFound):
        house.book("p-2", caller=GUEST)
    with pytest.raises(NotFound):
        house.cancel("p-1", caller=GUEST)
    house.cancel("p-1")


def test_a_member_leaves_but_removes_nobody_else(house):
    guest = house.joined()
    other = house.joined(STRANGER)

    with pytest.raises(Forbidden):
        house.remove(other, GUEST)
    house.remove(guest, GUEST, scope="leave")

    assert guest not in house.roles()


def test_a_late_repeat_of_a_removal_does_not_touch_who_came_back(house):
    guest = house.joined()
    house.remove(guest)
    house.join(house.invite(scope="second"), scope="join again")
    house.settle(GUEST, address="Gulou 12-3")

    house.remove(guest)

    assert house.roles()[guest] == "member"
    assert house.people.get(guest).state.home("home").address == "Gulou 12-3"


def test_the_last_owner_stays(house):
    owner, guest = house.person(OWNER), house.joined()

    for refuse in (
        lambda: house.remove(owner, scope="leave"),
        lambda: house.give_role(owner, "member", scope="demote"),
    ):
        with pytest.raises(Conflict) as refused:
            refuse()
        assert refused.value.code == "household.last_owner"
    house.give_role(guest, "owner")
    house.remove(owner, scope="leave 2")

    assert house.roles() == {guest: "owner"}


def test_who_stays_keeps_the_address_that_only_the_leaver_had_said(house):
    guest = house.joined()
    house.settle(OWNER, address="Gulou 12-3", access="ring twice")
    house.give_role(guest, "owner")

    house.remove(house.person(OWNER))

    assert house.people.get(guest).state.home("home") == Home("home", "Gulou 12-3", None)
    assert house.people.get(house.person(OWNER)).state.homes == ()


def test_who_has_said_an_address_keeps_the_own_one(house):
    guest = house.joined()
    house.settle(OWNER, address="Gulou 12-3")
    house.settle(GUEST, address="Gulou 12, left", access="dog")
    house.give_role(guest, "owner")

    house.remove(house.person(OWNER))

    assert house.people.get(guest).state.home("home") == Home("home", "Gulou 12, left", "dog")


def test_a_stranger_says_nothing_of_a_door(house):
    with pytest.raises(NotFound):
        house.settle(STRANGER, address="Gulou 12-3")

    assert house.people.of(STRANGER) is None


def test_staff_register_for_who_does_not_log_in_and_hand_over_by_an_invite(house):
    house.register("aunt", "city-1", is_staff=True, address="Gulou 9")
    acting = Acting("aunt", "city-1", True)
    _, code = members.invite(acting, "owner", desk=house.desk, request=plain_request("hand over"))

    joined = members.join(code, GUEST, desk=house.desk, request=plain_request("take"))

    assert house.people.of("city-1") is None
    assert joined.state.member(house.person(GUEST)).role == "owner"
    assert len(joined.state.members) == 2


def test_members_are_listed_by_standing(house):
    first = house.joined()
    house.clock.advance(timedelta(minutes=1))
    second = house.joined(STRANGER, role="owner")

    found = [each.person_id for each in house.households.get("home").state.by_standing()]

    assert found == [house.person(OWNER), second, first]

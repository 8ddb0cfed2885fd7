"""Erasing: one update forgets who it was; what follows is done whatever crashes, and balances."""

import pytest

from services.collection.adapters.mongo_people import REQUESTS_MAX
from services.collection.application import cards, residents
from services.collection.domain.people import Contact, Home, Person, Status
from services.collection.domain.pools import household_pool
from services.collection.domain.states import State
from shared.kernel.errors import Conflict, NotFound
from tests.unit.collection.builders import AFTERNOON, MORNING, Crash, House, plain_request
from tests.unit.collection.homes import SECRETS, Homes

CRASHES = (
    "erasure.decide.before",
    "erasure.decide.after",
    "slot.free.before",
    "slot.free.after",
    "erasure.cancelled.after",
    "erasure.household.after",
    "erasure.photos.after",
    "erasure.finish.after",
)


@pytest.fixture
def house():
    return Homes()


def expect_erased(house):
    assert house.leaked() == []
    assert house.states() == {
        "p-1": State.CANCELLED,
        "p-2": State.CANCELLED,
        "p-3": State.WEIGHED,
    }
    assert house.share() == house.holds(AFTERNOON) == []
    assert house.holds(MORNING) == house.used() == ["p-3"]
    household = house.households.get("home").state
    assert (household.members, household.invites) == ((), ())
    assert household.closed_at is not None
    assert house.people.get(house.person_id).state.status is Status.ERASED


def test_says_what_it_leaves_out_before_it_is_erased(house):
    assert set(house.leaked()) == set(SECRETS)


def test_the_decision_forgets_who_it_was(house):
    house.erase()

    person = house.people.get(house.person_id).state
    assert (person.subject, person.contact, person.notes, person.cards) == (None, Contact(), (), ())
    assert person.homes == (Home("home", "Gulou 12-3", None),)  # until others have it
    assert house.people.of("resident-1") is None


def test_an_erased_person_leaves_nothing_and_the_weigh_ins_stay(house):
    house.erase()

    assert house.finish() == 1

    expect_erased(house)
    assert house.finish() == 0


def test_bookings_are_cancelled_past_their_cut_off_as_by_the_resident(house):
    house.clock.instant = house.pickups.get("p-1").state.booking.window_start
    house.erase()
    house.finish()

    assert house.pickups.get("p-1").state.cancelled_by == "resident"
    said = [e for e in house.pickups.announced if e.headers["ce_type"].endswith("cancelled.v1")]
    assert len(said) == 2
    assert all(b'"household-closed"' in each.value for each in said)


@pytest.mark.parametrize("label", CRASHES)
def test_a_crash_anywhere_is_healed_by_a_repeat_and_the_job(house, label):
    house.crash_at = label
    with pytest.raises(Crash):
        house.erase_to_the_end()
    house.crash_at = None

    house.erase()
    house.heal()
    for _ in range(2):
        house.finish()

    expect_erased(house)


def test_a_repeat_gets_the_first_answer_also_when_all_is_done(house):
    first = house.erase()
    house.finish()

    assert house.erase().answer == first.answer
    assert house.people.of("resident-1") is None


def test_a_second_request_during_the_erasure_changes_nothing(house):
    house.erase(scope="one")
    with pytest.raises(NotFound):
        house.erase(scope="two")
    house.erase("city-1", scope="staff's", person_id=house.person_id)
    house.finish()

    expect_erased(house)


def test_who_is_nobody_here_has_nothing_to_erase(house):
    with pytest.raises(NotFound) as refused:
        house.erase("resident-7")

    assert refused.value.code == "person.not_found"


def test_an_erased_subject_that_comes_back_is_a_new_person(house):
    house.erase()
    house.finish()

    house.register("new", "resident-1")

    assert house.people.of("resident-1").id != house.person_id
    with pytest.raises(NotFound):
        house.cancel("p-3")
    assert [each.id for each in house.households.of_person(house.people.of("resident-1").id)] == [
        "new"
    ]


def test_late_repeats_are_nothing_to_who_came_back(house):
    first = house.erase()
    house.finish()
    house.register("new", "resident-1")

    again = house.erase()
    with pytest.raises(Conflict):
        residents.introduce(
            "resident-1", Contact("Chen Wei"), desk=house.desk, request=plain_request("introduce")
        )

    assert again.answer == first.answer
    assert house.people.of("resident-1").state.is_active
    assert house.people.of("resident-1").state.contact == Contact()


def test_late_repeats_bring_nothing_back(house):
    contact = Contact("Chen Wei", "+8613800000000")
    house.erase()
    house.finish()

    with pytest.raises(Conflict):
        residents.introduce(
            "resident-1", contact, desk=house.desk, request=plain_request("introduce")
        )
    with pytest.raises(Conflict):
        house.register("home", "resident-1", contact=contact)
    with pytest.raises((NotFound, Conflict)):
        house.book("p-1", note="beware of the piano")

    expect_erased(house)


def test_what_was_on_its_way_during_the_decision_keeps_nothing(house):
    """Another process still takes the subject for the person: the person's document refuses."""
    house.erase()

    for act in (
        lambda p: p.introduced(Contact("Chen Wei")),
        lambda p: p.settled(Home("home", "Gulou 12-3")),
        lambda p: p.noted(residents.Note("p-1", "piano")),
    ):
        with pytest.raises(Conflict) as refused:
            house.people.change(house.person_id, act)
        assert refused.value.code == "person.erased"


def test_a_booking_that_is_between_its_two_writes_finds_its_place_gone(house):
    """It has its places when the household closes; it has not decided yet."""
    house.crash_at = "slot.decide.before"
    with pytest.raises(Crash):
        house.book("p-4")
    house.erase()
    house.finish()

    with pytest.raises((Conflict, NotFound)):
        house.book("p-4", is_staff=True)  # as who passed the membership check before

    assert house.states()["p-4"] is State.LAPSED
    assert house.share() == []


def test_a_closed_household_gives_no_place_whoever_asks(house):
    house.erase()
    house.finish()

    with pytest.raises(Conflict) as refused:
        house.pools.get(household_pool("home")).hold("p-9", until=house.clock.now())

    assert refused.value.code == "household.closed"


def test_the_others_keep_household_bookings_and_address(house):
    guest = house.guest()
    house.erase()
    house.finish()

    household = house.households.get("home").state
    assert [(each.person_id, each.role) for each in household.members] == [(guest, "owner")]
    assert house.states()["p-1"] is State.BOOKED
    assert house.people.get(guest).state.homes == (Home("home", "Gulou 12-3", None),)
    assert house.people.get(house.person_id).state.homes == ()
    assert house.photos.of_person(house.person_id, limit=1) == []
    house.cancel("p-1", caller="resident-2")
    assert set(house.leaked()) == {"Gulou"}  # of who still lives there


def test_two_members_erased_at_once_close_the_household(house):
    guest = house.guest()
    house.erase()
    house.erase("resident-2", scope="guest's")

    house.finish()
    house.finish()

    expect_erased(house)
    assert house.people.get(guest).state.status is Status.ERASED


def test_the_card_of_an_erased_person_is_nobodys(house):
    house.erase()

    with pytest.raises(NotFound):
        house.desk.cards.recognise(house.token, at=house.clock.now())


def test_a_person_erased_while_joining_is_let_go(house):
    guest = house.guest()
    kept = house.people.get

    def erased_meanwhile(person_id):
        house.people.get = kept
        house.erase("resident-3", scope="third's")
        return kept(person_id)

    house.people.get = erased_meanwhile
    with pytest.raises(AttributeError):  # the third is nobody any more
        house.guest("resident-3")

    assert {m.person_id for m in house.households.get("home").state.members} == {
        house.person_id,
        guest,
    }


def test_a_person_erased_while_registering_leaves_no_open_household(house):
    create = house.households.create

    def erased_meanwhile(*what, **rest):
        house.erase()
        return create(*what, **rest)

    house.households.create = erased_meanwhile
    house.register("second", "resident-1", contact=Contact("Chen Wei"), address="Gulou 9")
    house.finish()

    assert house.households.get("second").state.closed_at is not None
    assert house.leaked() == []


def test_erasing_is_a_decision_about_the_person_alone():
    now = House().clock.now()
    person = Person("id", now, subject="s", contact=Contact("n"))

    once = person.erase(now=now)

    assert once.forgets
    assert once.state.erase(now=now).state == once.state


def test_who_asked_very_often_is_erased_all_the_same(house):
    for number in range(REQUESTS_MAX - 3):  # introduced, settled, carded before
        asked = plain_request(f"card {number}")
        cards.issue_card("home", "resident-1", desk=house.desk, request=asked)

    house.erase()
    house.finish()

    expect_erased(house)

"""Who a caller is: one person a subject, made when something is kept, and by nothing else."""

import threading

import pytest

from services.collection.application import residents
from services.collection.domain.people import HOMES_MAX, NOTES_MAX, Contact, Home
from shared.kernel.errors import Conflict, NotFound
from tests.unit.collection.builders import House, plain_request

CHEN = Contact("Chen Wei", "+8613800000000", "chen@example.org", "zh-CN")


def introduce(house, contact, scope="introduce", caller="resident-1"):
    return residents.introduce(caller, contact, desk=house.desk, request=plain_request(scope))


def test_what_is_introduced_replaces_what_was():
    house = House()
    introduce(house, CHEN)
    introduce(house, Contact("Chen W."), scope="again")

    assert house.people.of("resident-1").state.contact == Contact("Chen W.")


def test_a_late_repeat_does_not_bring_back_what_was_replaced():
    house = House()
    introduce(house, CHEN)
    introduce(house, Contact("Chen W."), scope="again")

    introduce(house, CHEN)

    assert house.people.of("resident-1").state.contact == Contact("Chen W.")


def test_registering_keeps_what_is_not_given():
    house = House()
    introduce(house, CHEN)

    house.register("second", "resident-1", contact=Contact(phone="+8613900000000"))

    contact = house.people.of("resident-1").state.contact
    assert (contact.name, contact.phone) == ("Chen Wei", "+8613900000000")


def test_a_late_repeat_of_a_registration_changes_nothing():
    house = House()
    house.register("second", "resident-1", contact=CHEN, address="Gulou 1", scope="s")
    introduce(house, Contact("Chen W."))

    house.register("second", "resident-1", contact=CHEN, address="Gulou 1", scope="s")

    assert house.people.of("resident-1").state.contact == Contact("Chen W.")


def test_a_registration_that_was_cut_off_is_finished_by_its_repeat():
    house = House()
    kept = house.people.change
    house.people.change = lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt)
    with pytest.raises(KeyboardInterrupt):
        house.register("second", "resident-2", contact=CHEN, scope="s")
    house.people.change = kept

    house.register("second", "resident-2", contact=CHEN, scope="s")

    assert house.people.of("resident-2").state.contact == CHEN
    assert len(house.households.get("second").state.members) == 1


def test_many_requests_of_a_new_caller_make_one_person():
    house = House()
    barrier = threading.Barrier(16)

    def register(number):
        barrier.wait()
        house.register(f"home-{number}", "newcomer")

    threads = [threading.Thread(target=register, args=(number,)) for number in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [each.state.subject for each in house.people.all()].count("newcomer") == 1
    assert len(house.households.of_person(house.people.of("newcomer").id)) == 16


def test_a_person_has_so_many_households():
    house = House()
    for number in range(HOMES_MAX - 1):
        house.register(f"home-{number}", "resident-1")

    with pytest.raises(Conflict) as refused:
        house.register("one-more", "resident-1")

    assert refused.value.code == "person.too_many_homes"
    house.register("home-0", "resident-1")  # a repeat is not one more


def test_the_note_of_staff_is_the_owners():
    house = House(capacity=5)
    house.book("p-1", caller="city-1", is_staff=True, note="ring at Chen's")

    assert [each.text for each in house.people.of("resident-1").state.notes] == ["ring at Chen's"]
    assert house.people.of("city-1") is None


def test_of_many_notes_the_oldest_goes():
    house = House(capacity=NOTES_MAX + 1)
    for number in range(NOTES_MAX + 1):
        house.book(f"p-{number:03}", note=f"note {number}")

    notes = house.people.of("resident-1").state.notes

    assert (len(notes), notes[0].pickup_id) == (NOTES_MAX, "p-001")


def test_nobody_says_anything_of_a_household_of_others():
    house = House()

    with pytest.raises(NotFound):
        residents.settle(
            "resident-2", Home("home", "G"), desk=house.desk, request=plain_request("settle")
        )

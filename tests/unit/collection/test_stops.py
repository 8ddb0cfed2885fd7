"""An address is shown at the assigned collector's stop, and nowhere else."""

from datetime import timedelta

import pytest

from services.collection.application import handlers, residents, stops
from services.collection.application.stops import SHOWN_AFTER_TOUR, Stop
from services.collection.domain.people import Contact
from shared.kernel.errors import NotFound
from tests.unit.collection.builders import NOW, House, place, plain_request, weigh_in


@pytest.fixture
def house():
    house = House()
    house.register("door", "resident-9")
    asked = plain_request("introduce")
    contact = Contact("Chen Wei", "+8613800000000", "chen@example.org")
    residents.introduce("resident-1", contact, desk=house.desk, request=asked)
    home = residents.Home("home", "Gulou 12-3", "code 7788")
    residents.settle("resident-1", home, desk=house.desk, request=plain_request("settle"))
    house.book(note="two boxes")
    return house


def assign(house, **rest):
    house.pickups.change("p-1", lambda held: handlers.on_tour_assigned(held, place(**rest), at=NOW))


def stop(house, collector="collector-1"):
    return stops.stop_of("p-1", collector, desk=house.desk)


def is_shown(house, collector="collector-1"):
    try:
        return bool(stop(house, collector))
    except NotFound:
        return False


def test_the_assigned_collector_sees_the_door(house):
    assign(house)

    assert stop(house) == Stop("p-1", "Gulou 12-3", "code 7788", "Chen Wei", "two boxes")


def test_before_an_assignment_nobody_sees_it(house):
    assert not is_shown(house)


def test_another_collector_does_not_see_it(house):
    assign(house)

    assert not is_shown(house, "collector-2")


def test_some_hours_after_the_tour_nobody_sees_it_any_more(house):
    assign(house)
    house.weigh(weigh_in())
    house.clock.instant = place().tour_ends_at + SHOWN_AFTER_TOUR - timedelta(seconds=1)
    until = is_shown(house)
    house.clock.advance(timedelta(seconds=1))

    assert (until, is_shown(house)) == (True, False)


def test_a_cancelled_pickup_has_no_door(house):
    assign(house)
    house.cancel(is_staff=True)

    assert not is_shown(house)


def test_what_nobody_said_is_not_there():
    house = House()
    house.book()
    assign(house)

    assert stop(house) == Stop("p-1", None, None, None, None)

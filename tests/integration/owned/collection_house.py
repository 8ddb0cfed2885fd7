"""A house with slots on an API under test, and two residents."""

from contextlib import contextmanager

from tests.integration.collection_house import House

OWNER, OTHER = {"subject": "resident-1"}, {"subject": "resident-2"}


@contextmanager
def house_on(api):
    house = House(api.settings)
    house.open_slot()
    house.open_slot("afternoon")
    try:
        yield house
    finally:
        house.wiring.client.close()


def booked(house):
    return house.book(house.household()).json()["pickup_id"]

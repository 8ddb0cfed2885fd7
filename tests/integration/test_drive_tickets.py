"""Ticket books: the real adapter and its twin keep the same rules, however many ask at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.collection.adapters.mongo_tickets import MongoTickets
from services.collection.domain.tickets import LEASES_MAX, TICKETS_MAX, TicketLease, TicketVoid
from shared.kernel.errors import Conflict, Invalid
from tests.unit.collection.drive_fakes import InMemoryTickets

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
DEVICES = 50
DRIVE = "drive-1"


@pytest.fixture(params=["memory", "mongodb"])
def tickets(request):
    if request.param == "memory":
        return InMemoryTickets()
    return MongoTickets(request.getfixturevalue("fresh_database")["ticket_books"])


def lease(lease_id, count, **rest):
    return TicketLease(lease_id, f"device-{lease_id}", count, NOW, NOW + timedelta(1), **rest)


def void(void_id, first, last):
    return TicketVoid(void_id, first, last, "torn", NOW)


def test_numbers_follow_each_other_and_a_repeat_gets_its_own(tickets):
    first = tickets.lease(DRIVE, lease("a", 3, household_id="home-1"))
    second = tickets.lease(DRIVE, lease("b", 1))
    again = tickets.lease(DRIVE, lease("a", 3))

    assert (first.first, second.first) == (1, 4)
    assert again == first
    book = tickets.book(DRIVE)
    assert (book.next_ticket, book.leases) == (5, (first, second))
    assert first.expires_at == NOW + timedelta(1)


def test_a_key_that_is_used_for_another_body_is_refused(tickets):
    tickets.lease(DRIVE, lease("a", 3, body_sha256="one"))

    with pytest.raises(Invalid) as refused:
        tickets.lease(DRIVE, lease("a", 2, body_sha256="two"))
    assert refused.value.code == "idempotency.body_differs"


def test_fifty_devices_at_once_get_numbers_of_their_own(tickets):
    barrier = threading.Barrier(DEVICES)

    def ask(number):
        barrier.wait(timeout=20)
        return tickets.lease(DRIVE, lease(f"lease-{number}", 1 + number % 3))

    with ThreadPoolExecutor(DEVICES) as pool:
        leases = list(pool.map(ask, range(DEVICES)))

    numbers = sorted(n for each in leases for n in range(each.first, each.first + each.count))
    assert numbers == list(range(1, sum(each.count for each in leases) + 1))
    assert tickets.book(DRIVE).next_ticket == len(numbers) + 1


def test_a_sealed_book_leases_no_block_but_a_single_ticket(tickets):
    held = tickets.lease(DRIVE, lease("a", 2))
    assert tickets.seal(DRIVE).sealed

    assert tickets.lease(DRIVE, lease("a", 2)) == held
    assert tickets.lease(DRIVE, lease("b", 1)).first == 3
    with pytest.raises(Conflict) as refused:
        tickets.lease(DRIVE, lease("c", 2))
    assert refused.value.code == "drive.closing"
    assert tickets.seal(DRIVE) == tickets.book(DRIVE)


def test_a_void_is_noted_once_and_of_given_numbers_only(tickets):
    tickets.lease(DRIVE, lease("a", 3))

    tickets.void(DRIVE, void("v", 2, 3))
    tickets.void(DRIVE, void("v", 2, 3))

    assert tickets.book(DRIVE).voids == (void("v", 2, 3),)
    with pytest.raises(Invalid):
        tickets.void(DRIVE, void("w", 3, 4))
    with pytest.raises(Invalid):
        tickets.void("another", void("w", 1, 1))
    with pytest.raises(Invalid):
        tickets.void(DRIVE, replace(void("v", 1, 1), body_sha256="other"))


def test_a_book_has_an_end(fresh_database):
    tickets = MongoTickets(fresh_database["ticket_books"])
    tickets.lease(DRIVE, lease("a", 1))
    books = fresh_database["ticket_books"]
    books.update_one({"_id": DRIVE}, {"$set": {"next_ticket": TICKETS_MAX}})

    with pytest.raises(Conflict) as refused:
        tickets.lease(DRIVE, lease("b", 2))
    assert refused.value.code == "drive.no_tickets"
    assert tickets.lease(DRIVE, lease("b", 1)).first == TICKETS_MAX
    held = books.find_one({"_id": DRIVE})["leases"][0]
    many = [{**held, "lease_id": f"lease-{number}"} for number in range(LEASES_MAX)]
    books.update_one({"_id": DRIVE}, {"$set": {"leases": many, "next_ticket": 2}})
    with pytest.raises(Conflict):
        tickets.lease(DRIVE, lease("c", 1))

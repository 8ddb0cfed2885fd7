"""Tickets: each number once, each ends used, void or expired."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.collection.domain.tickets import (
    LEASES_MAX,
    TICKETS_MAX,
    TicketBook,
    TicketLease,
    TicketState,
    TicketVoid,
    check_block,
)
from shared.kernel.errors import Conflict, Invalid
from tests.unit.collection.drive_builders import END, NOW

LATER = END + timedelta(hours=12)


def lease(number, count, *, expires_at=END):
    return TicketLease(f"lease-{number}", f"device-{number}", count, NOW, expires_at)


def book_of(*counts):
    book = TicketBook("drive-1")
    for number, count in enumerate(counts):
        book = book.leased(lease(number, count))
    return book


def void(first, last):
    return TicketVoid(f"void-{first}-{last}", first, last, "torn", NOW)


@given(st.lists(st.integers(1, 200), max_size=20))
def test_numbers_are_dense_and_given_once(counts):
    book = book_of(*counts)

    numbers = [n for each in book.leases for n in range(each.first, each.first + each.count)]
    assert numbers == list(range(1, sum(counts) + 1))


@given(
    counts=st.lists(st.integers(1, 8), min_size=1, max_size=6),
    used=st.sets(st.integers(1, 60)),
    voids=st.lists(st.tuples(st.integers(1, 48), st.integers(0, 5)), max_size=4),
    is_late=st.booleans(),
)
def test_every_ticket_is_in_one_state_and_all_are_counted(counts, used, voids, is_late):
    book = book_of(*counts)
    given_out = sum(counts)
    kept = [void(f, min(f + more, given_out)) for f, more in voids if f <= given_out]
    book = TicketBook("drive-1", book.next_ticket, leases=book.leases, voids=tuple(kept))
    now = LATER if is_late else NOW

    found = book.counts(used=used, now=now)

    states = [book.state(n, used=used, now=now) for n in range(1, given_out + 1)]
    of_given = {state: states.count(state) for state in TicketState}
    of_given[TicketState.UNKNOWN] = len([n for n in used if n > given_out])
    assert found == of_given
    assert not (is_late and found[TicketState.LEASED])


def test_a_used_ticket_stays_used_whatever_is_said_of_it():
    book = book_of(3)
    book = TicketBook("drive-1", 4, leases=book.leases, voids=(void(1, 3),))

    assert book.state(2, used={2}, now=LATER) is TicketState.USED
    assert book.state(3, used={2}, now=LATER) is TicketState.VOID
    assert book.state(9, used={2}, now=LATER) is TicketState.UNKNOWN


def test_a_sealed_book_gives_single_tickets_and_no_blocks():
    sealed = TicketBook("drive-1", sealed=True)

    assert sealed.leased(lease(1, 1)).next_ticket == 2
    with pytest.raises(Conflict) as refused:
        sealed.leased(lease(2, 2))
    assert refused.value.code == "drive.closing"


@pytest.mark.parametrize(
    "full",
    [
        TicketBook("drive-1", TICKETS_MAX),
        TicketBook("drive-1", 9, leases=(lease(1, 1),) * LEASES_MAX),
    ],
    ids=["numbers", "leases"],
)
def test_a_book_has_an_end(full):
    with pytest.raises(Conflict) as refused:
        full.leased(lease(1, 2))
    assert refused.value.code == "drive.no_tickets"


@pytest.mark.parametrize(("first", "last"), [(0, 1), (2, 1), (1, 4), (4, 4)])
def test_only_numbers_that_were_given_out_are_voided(first, last):
    with pytest.raises(Invalid) as refused:
        book_of(3).check_void(void(first, last))
    assert refused.value.code == "tickets.not_leased"


@pytest.mark.parametrize("count", [0, -1, 201])
def test_a_block_has_bounds(count):
    with pytest.raises(Invalid):
        check_block(count)

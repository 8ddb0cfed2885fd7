"""A drive's book of numbered tickets: each number is given out once, in blocks, and ends.

A ticket ends used (a visit has it), void (its device says why) or expired. Devices lease blocks
ahead, to work without a network; an online visitor gets a block of one. Numbers are dense from 1.
A full book gives none; who stands at the scale then has a number beyond it (`number_beyond`).
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256

from shared.kernel.errors import Conflict, Invalid

NO_TICKETS = "drive.no_tickets"
BLOCK_MAX = 200
TICKETS_MAX = 20_000
LEASES_MAX = 5_000
VOIDS_MAX = 1_000
# More than people can be weighed at a drive: at 5 s each, three scales for a day and a night.
VISITS_MAX = 50_000
# Where the book is full a visit gets a number of these, by what asked for it.
BEYOND_FIRST, BEYOND_COUNT = 10**12, 10**12
NUMBER_MAX = BEYOND_FIRST + BEYOND_COUNT - 1


class TicketState(StrEnum):
    """Where a ticket is. `UNKNOWN`: nobody was given such a number."""

    LEASED = "leased"
    USED = "used"
    VOID = "void"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class TicketLease:
    """`count` tickets from `first` on, for one device until `expires_at` (business time).

    `household_id` is set where the one ticket is a check-in's: who came is known.
    """

    lease_id: str
    device_id: str
    count: int
    leased_at: datetime
    expires_at: datetime
    first: int = 0
    body_sha256: str = ""
    household_id: str | None = None

    def has(self, ticket: int) -> bool:
        """Say whether a number is among them."""
        return self.first <= ticket < self.first + self.count


@dataclass(frozen=True, slots=True)
class TicketVoid:
    """Tickets [first, last] will not be used, for a reason (a code)."""

    void_id: str
    first: int
    last: int
    reason: str
    at: datetime
    body_sha256: str = ""


@dataclass(frozen=True, slots=True)
class TicketBook:
    """All tickets of a drive. A sealed book leases no more blocks; a visitor still gets one."""

    drive_id: str
    next_ticket: int = 1
    sealed: bool = False
    leases: tuple[TicketLease, ...] = ()
    voids: tuple[TicketVoid, ...] = ()

    def lease_of(self, lease_id: str) -> TicketLease | None:
        """Return a lease by its id."""
        return next((each for each in self.leases if each.lease_id == lease_id), None)

    def void_of(self, void_id: str) -> TicketVoid | None:
        """Return a void by its id."""
        return next((each for each in self.voids if each.void_id == void_id), None)

    def lease_with(self, ticket: int) -> TicketLease | None:
        """Return the lease that has a number."""
        return next((each for each in self.leases if each.has(ticket)), None)

    def leased(self, lease: TicketLease) -> "TicketBook":
        """Give out the next numbers. Raises as `refusal` says."""
        reason = self.refusal(lease)
        if reason is not None:
            raise reason
        given = replace(lease, first=self.next_ticket)
        following = self.next_ticket + lease.count
        return replace(self, leases=(*self.leases, given), next_ticket=following)

    def refusal(self, lease: TicketLease) -> Conflict | None:
        """Return why a lease is refused: drive.closing, drive.no_tickets; or None."""
        if self.sealed and lease.count > 1:
            return Conflict("drive.closing", "no more tickets are leased")
        if self.next_ticket + lease.count - 1 > TICKETS_MAX or len(self.leases) >= LEASES_MAX:
            return Conflict(NO_TICKETS, f"a drive has up to {TICKETS_MAX} tickets")
        return None

    def check_void(self, void: TicketVoid) -> None:
        """Raise `Invalid` (tickets.not_leased) for numbers that nobody was given."""
        if not 1 <= void.first <= void.last < self.next_ticket:
            raise Invalid("tickets.not_leased", "these numbers were not given out")

    def state(self, ticket: int, *, used: AbstractSet[int], now: datetime) -> TicketState:
        """Return where a ticket is; `used` are the numbers that visits have."""
        if ticket in used:
            return TicketState.USED
        lease = self.lease_with(ticket)
        if lease is None:
            return TicketState.UNKNOWN
        if any(void.first <= ticket <= void.last for void in self.voids):
            return TicketState.VOID
        return TicketState.EXPIRED if now >= lease.expires_at else TicketState.LEASED

    def counts(self, *, used: AbstractSet[int], now: datetime) -> dict[TicketState, int]:
        """Count all given-out tickets by state; what is `LEASED` is still out."""
        counts = dict.fromkeys(TicketState, 0)
        void = {n for each in self.voids for n in range(each.first, each.last + 1)} - used
        for lease in self.leases:
            numbers = range(lease.first, lease.first + lease.count)
            taken = sum(number in used for number in numbers)
            voided = sum(number in void for number in numbers)
            left = lease.count - taken - voided
            counts[TicketState.USED] += taken
            counts[TicketState.VOID] += voided
            open_still = now < lease.expires_at
            counts[TicketState.LEASED if open_still else TicketState.EXPIRED] += left
        counts[TicketState.UNKNOWN] = len(used) - counts[TicketState.USED]
        return counts


def number_beyond(draw_id: str) -> int:
    """Return the number of a visit for which the book has none left: the same for a repeat.

    Of 10^12 numbers two draws of a drive hardly ever have the same, and then one draws again.
    """
    digest = sha256(draw_id.encode()).digest()
    return BEYOND_FIRST + int.from_bytes(digest[:8], "big") % BEYOND_COUNT


def check_repeat(held: TicketLease | TicketVoid, asked: TicketLease | TicketVoid) -> None:
    """Raise `Invalid` (idempotency.body_differs) where a key was used for another body."""
    if held.body_sha256 != asked.body_sha256:
        raise Invalid("idempotency.body_differs", "this key was used for another body")


def check_block(count: int) -> None:
    """Raise `Invalid` (tickets.block) for a block that cannot be."""
    if not 1 <= count <= BLOCK_MAX:
        raise Invalid("tickets.block", f"a block has 1 to {BLOCK_MAX} tickets")

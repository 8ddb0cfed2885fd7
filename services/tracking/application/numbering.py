"""Leasing blocks of manifest numbers for offline use, and accounting for each number of them."""

from dataclasses import dataclass
from typing import Protocol

from services.tracking.application.consignment_ports import NumberPool, Parties
from services.tracking.domain.numbers import SERVER, Block, Lease, Owner, Series
from shared.kernel.aggregate import Request, Stored
from shared.kernel.clock import Clock, legal_day
from shared.kernel.errors import Conflict, Invalid, NotFound

OPEN_BLOCKS_MAX = 20


class OwnedBlocks(NumberPool, Protocol):
    """Numbers, with the reads of who owns blocks."""

    def of(self, consignor_id: str, *, limit: int) -> list[Block]:
        """Return a consignor's newest blocks."""

    def of_lease(self, lease_id: str) -> Block | None:
        """Return the block of a lease, None where it has none yet."""

    def open_offline(self, consignor_id: str) -> int:
        """Count the blocks of devices that still have numbers to use."""


@dataclass(frozen=True, slots=True)
class LeaseBlock:
    """A device's wish for numbers. `year` None: the present legal one."""

    lease_id: str
    consignor_id: str
    device_id: str
    size: int
    year: int | None
    asked: str


def lease_block(cmd: LeaseBlock, *, numbers: OwnedBlocks, parties: Parties, clock: Clock) -> Block:
    """Lease; a repeat gets the same block.

    Raises `Invalid` (numbers.year, numbers.size) and `Conflict` (numbers.exhausted,
    numbers.too_many_blocks).
    """
    now = clock.now()
    this_year = legal_day(now).year
    year = cmd.year or this_year
    if year not in (this_year, this_year + 1):
        raise Invalid("numbers.year", "numbers are of this year or the next one")
    if cmd.device_id == SERVER:
        raise Invalid("numbers.device", "a device has another name")
    party = parties.party(cmd.consignor_id)
    owner = Owner(cmd.consignor_id, Series(year, party.city_code))
    lease = Lease(cmd.lease_id, owner, cmd.device_id, cmd.size, cmd.asked)
    is_new = numbers.of_lease(cmd.lease_id) is None
    if is_new and numbers.open_offline(cmd.consignor_id) >= OPEN_BLOCKS_MAX:
        raise Conflict("numbers.too_many_blocks", "use or return the numbers of other blocks first")
    return numbers.lease(lease, at=now)


def void_number(
    block_id: str,
    number: str,
    reason: str,
    *,
    consignor_id: str,
    numbers: OwnedBlocks,
    request: Request[Block],
) -> Stored[Block]:
    """Void a number of an own offline block that no manifest uses."""
    own_block(block_id, consignor_id, numbers=numbers)
    return numbers.change(block_id, lambda held: held.void(number, reason=reason), request=request)


def return_block(
    block_id: str, reason: str, *, consignor_id: str, numbers: OwnedBlocks, request: Request[Block]
) -> Stored[Block]:
    """Return the free numbers of an own offline block."""
    own_block(block_id, consignor_id, numbers=numbers)
    return numbers.change(block_id, lambda held: held.close(reason), request=request)


def own_block(block_id: str, consignor_id: str, *, numbers: OwnedBlocks) -> Block:
    """Return the block where it is the consignor's, for a device, else `NotFound`."""
    block = numbers.get(block_id)
    if block.lease.owner.consignor_id != consignor_id or block.lease.holder == SERVER:
        raise NotFound("number_block.not_found", "there is no such block")
    return block

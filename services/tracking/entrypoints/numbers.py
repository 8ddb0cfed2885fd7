"""The API of manifest numbers that a consignor's devices use offline."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field

from services.tracking.application import numbering
from services.tracking.application.consignment_ports import Parties
from services.tracking.application.numbering import LeaseBlock, OwnedBlocks
from services.tracking.domain.numbers import BLOCK_SIZE_MAX, Block
from shared.contracts.manifest import ManifestNumber
from shared.contracts.topic import Code, OpaqueId
from shared.http.auth import Caller, role
from shared.http.body import Body, View
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.aggregate import Stored
from shared.kernel.clock import Clock

LeasingCall = Annotated[KeyedCall, Depends(keyed("company"))]
CompanyCall = Annotated[KeyedCall, Depends(keyed("company", own=["company"]))]
Company = Annotated[Caller, Depends(role("company", own=["company"]))]
BLOCKS_SHOWN = 100


class BlockBody(Body):
    """A device's wish for numbers of a year; without one, of the present legal year."""

    device_id: OpaqueId
    size: int = Field(strict=True, ge=1, le=BLOCK_SIZE_MAX)
    year: int | None = Field(default=None, strict=True, ge=2000, le=2199)


class VoidBody(Body):
    """A number that will not be used, and why."""

    number: ManifestNumber
    reason: Code


class ReturnBody(Body):
    """Why the free numbers are returned."""

    reason: Code


class LeasedView(View):
    """A block as it was leased: consecutive numbers, fewer than wished at a year's end."""

    block_id: str
    device_id: str
    first: str
    last: str
    size: int
    leased_at: datetime


class EntryView(View):
    """A number that is not free any more."""

    number: str
    use: str
    reason: str | None


class BlockView(LeasedView):
    """A block and what became of its numbers; the counts sum to its size."""

    closed: str | None
    held: int
    used: int
    void: int
    returned: int
    free: int
    entries: list[EntryView]


class BlocksView(View):
    """A consignor's newest blocks."""

    items: list[BlockView]


@dataclass(frozen=True, slots=True)
class NumberOffice:
    """What the API of numbers works with."""

    numbers: OwnedBlocks
    parties: Parties
    clock: Clock


def leasing_router(office: NumberOffice) -> APIRouter:
    """Return the routes by which blocks are leased and looked at."""
    router = APIRouter(prefix="/v1/number-blocks", tags=["numbers"])
    numbers = office.numbers

    @router.post("", status_code=201, response_model=LeasedView)
    def lease(body: BlockBody, call: LeasingCall) -> Response:
        cmd = LeaseBlock(
            lease_id=call.derived_id(),
            consignor_id=call.caller.subject,
            device_id=body.device_id,
            size=body.size,
            year=body.year,
            asked=call.body_sha256,
        )
        leased = numbering.lease_block(
            cmd, numbers=numbers, parties=office.parties, clock=office.clock
        )
        request = call.request(201, _leased)
        stored = Stored(leased.block_id, 1, leased)
        return call.respond(Stored(leased.block_id, 1, leased, request.render(stored)))

    @router.get("")
    def list_blocks(caller: Company) -> BlocksView:
        found = numbers.of(caller.subject, limit=BLOCKS_SHOWN)
        return BlocksView(items=[_block(each) for each in found])

    @router.get("/{block_id}")
    def get_block(block_id: ManifestNumber, caller: Company) -> BlockView:
        return _block(numbering.own_block(block_id, caller.subject, numbers=numbers))

    return router


def accounting_router(numbers: OwnedBlocks) -> APIRouter:
    """Return the routes by which every number of a block comes to an end."""
    router = APIRouter(prefix="/v1/number-blocks", tags=["numbers"])

    @router.post("/{block_id}/voids", response_model=BlockView)
    def void(block_id: ManifestNumber, body: VoidBody, call: CompanyCall) -> Response:
        voided = numbering.void_number(
            block_id,
            body.number,
            body.reason,
            consignor_id=call.caller.subject,
            numbers=numbers,
            request=call.request(200, _changed),
        )
        return call.respond(voided)

    @router.post("/{block_id}/return", response_model=BlockView)
    def give_back(block_id: ManifestNumber, body: ReturnBody, call: CompanyCall) -> Response:
        returned = numbering.return_block(
            block_id,
            body.reason,
            consignor_id=call.caller.subject,
            numbers=numbers,
            request=call.request(200, _changed),
        )
        return call.respond(returned)

    return router


def _leased(stored: Stored[Block]) -> LeasedView:
    block = stored.state
    return LeasedView(
        block_id=block.block_id,
        device_id=block.lease.holder,
        first=block.numbers[0],
        last=block.numbers[-1],
        size=block.size,
        leased_at=block.leased_at,
    )


def _changed(stored: Stored[Block]) -> BlockView:
    return _block(stored.state)


def _block(block: Block) -> BlockView:
    counts = block.counts()
    return BlockView(
        block_id=block.block_id,
        device_id=block.lease.holder,
        first=block.numbers[0],
        last=block.numbers[-1],
        size=block.size,
        leased_at=block.leased_at,
        closed=block.closed,
        held=counts["held"],
        used=counts["used"],
        void=counts["void"],
        returned=counts["returned"],
        free=counts["free"],
        entries=[
            EntryView(number=entry.number, use=entry.use.value, reason=entry.reason)
            for entry in block.entries
        ],
    )

"""Issuing tags in batches."""

from dataclasses import dataclass, replace

from services.tracking.application.ports import TagBatches
from services.tracking.domain.tag_batch import Scheme, TagBatch, check_batch
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, Unavailable

TRIES = 16
BLOCK_TAKEN = "tracking.tag_block_taken"


@dataclass(frozen=True, slots=True)
class IssueTags:
    """Ask for a batch. `company_prefix` and `asset_type` are for crates, 12 digits together."""

    batch_id: str
    count: int
    company_prefix: str | None
    asset_type: str | None
    epc_manager: int | None
    issued_by: str


def issue_tags(
    cmd: IssueTags, *, batches: TagBatches, clock: Clock, request: Request[TagBatch]
) -> Stored[TagBatch]:
    """Issue the next free block of serials; a repeat gets its first answer."""
    is_crate = cmd.company_prefix is not None or cmd.asset_type is not None
    asset = f"{cmd.company_prefix or ''}{cmd.asset_type or ''}" if is_crate else None
    batch = TagBatch(
        batch_id=cmd.batch_id,
        block=0,
        count=cmd.count,
        scheme=Scheme.OWN if asset is None else Scheme.GRAI,
        asset=asset,
        company_digits=len(cmd.company_prefix or ""),
        epc_manager=cmd.epc_manager,
        issued_at=clock.now(),
        issued_by=cmd.issued_by,
    )
    for _ in range(TRIES):
        batch = replace(batch, block=batches.next_block())
        check_batch(batch)
        try:
            return batches.create(cmd.batch_id, Decision(batch), request=request)
        except Conflict as taken:
            if taken.code != BLOCK_TAKEN:
                raise
    raise Unavailable("storage.contended", "many batches are being issued; try again")

"""A batch of tags: one block of a thousand serials, of which the first `count` are issued."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.tracking.domain import epc
from services.tracking.domain.epc import PARTITIONS
from services.tracking.domain.tags import BLOCK, BLOCKS_MAX, grai_of, grai_tag, own_tag
from shared.kernel.errors import Conflict, Invalid

ASSET_DIGITS = 12


class Scheme(StrEnum):
    """Whose numbering: tracking's own, or GS1's for returnable assets."""

    OWN = "own"
    GRAI = "grai"


@dataclass(frozen=True, slots=True)
class TagBatch:
    """Issued tags. A GRAI's `asset` is company prefix and asset type, `company_digits` its first.

    `epc_manager` None: no RFID chips were asked for.
    """

    batch_id: str
    block: int
    count: int
    scheme: Scheme
    asset: str | None
    company_digits: int
    epc_manager: int | None
    issued_at: datetime
    issued_by: str

    @property
    def first_serial(self) -> int:
        """The serial of its first tag."""
        return self.block * BLOCK


@dataclass(frozen=True, slots=True)
class IssuedTag:
    """One tag: what the QR code says, and what the RFID chip carries."""

    tag: str
    epc_uri: str | None
    epc_hex: str | None


def check_batch(batch: TagBatch) -> None:
    """Raise `Invalid` (tracking.tag_batch) or `Conflict` (tracking.tags_used_up)."""
    if not 0 < batch.count <= BLOCK:
        raise Invalid("tracking.tag_batch", f"a batch has 1 to {BLOCK} tags")
    if batch.block >= BLOCKS_MAX:
        raise Conflict("tracking.tags_used_up", "every serial of this series is issued")
    asset = batch.asset
    fits = asset is None or (len(asset) == ASSET_DIGITS and batch.company_digits in PARTITIONS)
    if not fits:
        raise Invalid(
            "tracking.tag_batch", "a GRAI needs 12 digits: 6 to 12 of the company, then the type"
        )


def tags_of(batch: TagBatch) -> Iterator[IssuedTag]:
    """Tell all tags of a batch."""
    for serial in range(batch.first_serial, batch.first_serial + batch.count):
        tag = own_tag(serial) if batch.asset is None else grai_tag(batch.asset, str(serial))
        chip = _epc(batch, tag, serial)
        yield IssuedTag(tag, chip.uri if chip else None, chip.hex96 if chip else None)


def _epc(batch: TagBatch, tag: str, serial: int) -> epc.Epc | None:
    if batch.epc_manager is None:
        return None
    asset = grai_of(tag)
    if asset is None:
        return epc.gid(batch.epc_manager, serial)
    return epc.grai(asset, company_digits=batch.company_digits)

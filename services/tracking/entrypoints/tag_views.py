"""What the API of tags gives."""

from datetime import datetime

from services.tracking.domain.tag_batch import TagBatch, tags_of
from shared.http.body import View
from shared.kernel.aggregate import Stored


class TagView(View):
    """A tag: what its QR code says, and what its RFID chip carries."""

    tag: str
    epc_uri: str | None
    epc_hex: str | None


class TagBatchView(View):
    """A batch of tags, first and last."""

    batch_id: str
    scheme: str
    count: int
    first: str
    last: str
    issued_at: datetime


class TagsView(View):
    """All tags of a batch."""

    batch_id: str
    items: list[TagView]


def batch_view(stored: Stored[TagBatch]) -> TagBatchView:
    """Return the view of a batch."""
    held = stored.state
    tags = list(tags_of(held))
    return TagBatchView(
        batch_id=held.batch_id,
        scheme=held.scheme.value,
        count=held.count,
        first=tags[0].tag,
        last=tags[-1].tag,
        issued_at=held.issued_at,
    )


def tags_view(batch: TagBatch) -> TagsView:
    """Return all tags of a batch."""
    items = [TagView.model_validate(each, from_attributes=True) for each in tags_of(batch)]
    return TagsView(batch_id=batch.batch_id, items=items)

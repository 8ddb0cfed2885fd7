"""What tracking's handlers need from the outside."""

from datetime import date
from typing import Protocol

from services.tracking.domain.container import Container
from services.tracking.domain.container_permits import IssuedPermit
from services.tracking.domain.journal import Journal
from services.tracking.domain.quarantine import Task
from services.tracking.domain.tag_batch import TagBatch
from shared.kernel.aggregate import Aggregates, Decision, Request, Stored

Containers = Aggregates[Container]
Journals = Aggregates[Journal]
Permits = Aggregates[IssuedPermit]
Tasks = Aggregates[Task]


class TagBatches(Protocol):
    """Issued tags, by blocks of serials: no two batches have one block."""

    def get(self, batch_id: str) -> Stored[TagBatch]:
        """Return a batch, or raise `NotFound` (tag_batch.not_found)."""

    def next_block(self) -> int:
        """Return the first block that no batch has."""

    def create(
        self, batch_id: str, decision: Decision[TagBatch], *, request: Request[TagBatch]
    ) -> Stored[TagBatch]:
        """Keep a batch; `Conflict` (tracking.tag_block_taken) where another has its block."""

    def is_issued(self, serial: int) -> bool:
        """Say whether an own tag of this serial was issued."""


class Codes(Protocol):
    """Dated waste codes and UN numbers."""

    def of(self, material: str, on: date) -> tuple[str | None, str | None]:
        """Return (waste code, UN number) of a material on a day.

        Raises `Invalid` (tracking.not_hazardous) where no table has the material on that day.
        """

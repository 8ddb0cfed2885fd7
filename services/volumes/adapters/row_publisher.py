"""Publishes changed rows on recycling.volume.hourly.v1 (compacted; highest revision wins).

A row is marked `unpublished` by the fold that changes it; the mark goes once all its cells are
acknowledged and the row is still the one that was read. A crash repeats records, harmlessly.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Protocol

from pymongo import UpdateOne
from pymongo.collection import Collection

from services.volumes.adapters.lanes import MARKS
from services.volumes.adapters.mongo_rows import volumes_of
from services.volumes.application.ports import Volume
from shared.contracts.codec import encode, wire_headers
from shared.contracts.volume import VolumeHour
from shared.messaging.mongo_client import storage_errors

ROWS_A_ROUND = 500
ACK_TIMEOUT_S = 30.0


class Sent(Protocol):
    """The client's promise of an acknowledgement."""

    def get(self, timeout: float | None = None) -> object:
        """Block until acknowledged; raise otherwise."""


class Sender(Protocol):
    """What of kafka-python's producer is used."""

    def send(
        self,
        topic: str,
        *,
        key: bytes,
        value: bytes,
        headers: list[tuple[str, bytes]],
        partition: int,
    ) -> Sent:
        """Queue one record."""

    def flush(self, timeout: float | None = None) -> None:
        """Send what is queued."""


class RowPublisher:
    """One round publishes at most 500 changed rows; run it over and over."""

    def __init__(
        self, rows: Collection[dict[str, Any]], sender: Sender, *, generation: int
    ) -> None:
        """`generation` is the rebuild's number: a later one's revisions are higher."""
        self._rows = rows
        self._sender = sender
        self._generation = generation

    def publish(self) -> None:
        """Publish changed rows; block until acknowledged, at most 30 s."""
        with storage_errors():
            changed = list(self._rows.find({"unpublished": True}, limit=ROWS_A_ROUND))
        if not changed:
            return
        sent = [promise for row in changed for promise in self._send(row)]
        self._sender.flush(timeout=ACK_TIMEOUT_S)
        for promise in sent:
            promise.get(timeout=ACK_TIMEOUT_S)
        with storage_errors():
            self._rows.bulk_write([_published(row) for row in changed], ordered=False)

    def _send(self, row: Mapping[str, Any]) -> list[Sent]:
        # Each mark only grows, and one with each change of the row: so does their sum.
        revision = self._generation * 2**32 + sum(row.get(mark) or 0 for mark in MARKS)
        return [self._send_cell(cell, revision) for cell in volumes_of(row)]

    def _send_cell(self, cell: Volume, revision: int) -> Sent:
        data = VolumeHour(
            community_code=cell.community_code,
            material=cell.material,
            grade=cell.grade,
            hour=cell.start,
            mass_g=cell.mass_g,
            lots=cell.lots,
            revision=revision,
        )
        key = row_key(cell.community_code, cell.material, cell.grade, hour=cell.start)
        record = encode(
            data,
            key=key,
            subject=key,
            time=cell.start,
            source="greenloop/volumes",
            partition_key=cell.community_code,
        )
        return self._sender.send(
            record.topic,
            key=key.encode(),
            value=record.value,
            headers=wire_headers(record.headers, sequence=revision),
            partition=record.partition,
        )


def _published(row: Mapping[str, Any]) -> UpdateOne:
    """Return the update that takes the mark away, unless the row has changed meanwhile."""
    unchanged = {mark: row.get(mark) for mark in MARKS}
    return UpdateOne({"_id": row["_id"], **unchanged}, {"$unset": {"unpublished": True}})


def row_key(community_code: str, material: str, grade: str, *, hour: datetime) -> str:
    """Return the full identity of a row, the record's key."""
    return f"{community_code}|{material}|{grade}|{hour:%Y-%m-%dT%H}Z"

"""Manifests' lines of registers: movements on consignments' ways, and what receivers refused.

Movements come as other entries do, and say which consignment's way it was; the consignments of
some hundred of them are read at a time. What was refused moved nothing: it is in receptions.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime
from heapq import merge
from itertools import islice
from typing import Any

from pymongo.collection import Collection

from services.tracking.adapters.register_entries import (
    MOVING,
    READ_AT_ONCE,
    Book,
    days_of,
    entries_of,
    entry_of,
    manifest_book,
)
from services.tracking.application.register_ports import Wanted
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.register import Kind
from services.tracking.domain.register_lines import Line, lines_of
from services.tracking.domain.register_manifests import Told, manifest_lines, refusal_lines
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Documents = dict[str, Any]
CONSIGNMENTS_AT_ONCE = 200
DECIDED = "state.receptions.at"


class ManifestLines:
    """`RegisterLines` of manifests."""

    def __init__(
        self, movements: Collection[Documents], consignments: MongoAggregates[Consignment]
    ) -> None:
        """Reads containers' movements, and the consignments that they were for."""
        self._book: Book = manifest_book(movements)
        self._consignments = consignments

    @property
    def kinds(self) -> frozenset[Kind]:
        """All but stock: what lies somewhere is on no manifest."""
        return MOVING

    def lines(self, wanted: Wanted) -> Iterator[Line]:
        """Return the lines, day by day."""
        for since, until in days_of(wanted):
            moved = self._moved(wanted, since, until)
            refused = self._refused(wanted.kind, since, until)
            yield from merge(moved, refused, key=lambda each: each.order)

    def _moved(self, wanted: Wanted, since: datetime, until: datetime) -> Iterator[Line]:
        for rows in _some(entries_of(wanted, since, until, book=self._book)):
            held = self._consignments.get_many({row["consignment_id"] for row in rows})
            for row in rows:
                stored = held.get(row["consignment_id"])
                lines = self._lines(wanted.kind, row, stored.state if stored else None)
                yield from sorted(lines, key=lambda each: each.line_id)

    def _lines(self, kind: Kind, row: Documents, held: Consignment | None) -> Iterator[Line]:
        entry, at = entry_of(row), row["entry"]["at"]
        if held is not None:
            return manifest_lines(kind, Told(row["tag"], row["kind"], entry, at), held)
        # No gram is left out, also where its manifest is not there.
        return lines_of(kind, entry, self._book.paper(row, entry), at=at)

    def _refused(self, kind: Kind, since: datetime, until: datetime) -> Iterator[Line]:
        if kind is Kind.TRANSPORTED:
            return
        for rows in _some(self._receptions(since, until)):
            held = self._consignments.get_many({row["consignment_id"] for row in rows})
            for row in rows:
                consignment = held[row["consignment_id"]].state
                yield from refusal_lines(kind, consignment, row["number"], tag=row["tag"])

    def _receptions(self, since: datetime, until: datetime) -> Iterator[Documents]:
        """Return what was refused on a day, a row a container, in the order of its lines."""
        at = {"$gte": since, "$lt": until}
        receptions, verdicts = "$state.receptions", "$state.receptions.verdicts"
        stages: list[Documents] = [
            {"$match": {"state.receptions": {"$elemMatch": {"at": at}}}},
            {"$project": {"state.receptions.at": 1, "state.receptions.verdicts": 1}},
            {"$unwind": {"path": receptions, "includeArrayIndex": "number"}},
            {"$match": {DECIDED: at}},
            {"$unwind": verdicts},
            {"$match": {"state.receptions.verdicts.accepted": False}},
            {
                "$project": {
                    "_id": 0,
                    "consignment_id": "$_id",
                    "number": {"$toInt": "$number"},
                    "at": receptions + ".at",
                    "tag": verdicts + ".tag",
                }
            },
            {"$sort": {"at": 1, "consignment_id": 1, "number": 1, "tag": 1}},
        ]
        with storage_errors():
            yield from self._consignments.collection.aggregate(
                stages, allowDiskUse=True, batchSize=READ_AT_ONCE
            )


def prepare_manifests(consignments: Collection[Documents]) -> None:
    """Create the index by which receptions of a day are found."""
    with storage_errors():
        consignments.create_index(DECIDED, name="decided", sparse=True)


def _some(rows: Iterable[Documents]) -> Iterator[list[Documents]]:
    waiting = iter(rows)
    while some := list(islice(waiting, CONSIGNMENTS_AT_ONCE)):
        yield some

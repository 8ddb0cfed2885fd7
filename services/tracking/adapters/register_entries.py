"""Lines of registers from the ledger's documents: a day's entries after another's, in order.

A day is read sorted by MongoDB, which sorts on its disk what is much; only one line at a time is
here. An entry has one time, so it is in one day, and a document has it once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import msgspec
from pymongo.collection import Collection

from services.tracking.adapters.register_places import COMMUNITY, FACILITY, PlaceDivisions
from services.tracking.application.register_ports import Wanted
from services.tracking.domain.register import Kind
from services.tracking.domain.register_lines import CONCERNS, Concern, Line, Paper, lines_of
from services.tracking.domain.register_manifests import MANIFEST_CONCERNS
from services.tracking.domain.weigh_in import DRIVE
from shared.kernel.ledger import Entry
from shared.messaging.mongo_client import storage_errors

Documents = dict[str, Any]
Stages = list[Documents]
DAY = timedelta(days=1)
READ_AT_ONCE = 500
MOVING = frozenset({Kind.INCOMING, Kind.OUTGOING, Kind.TRANSPORTED})


@dataclass(frozen=True, slots=True)
class Book:
    """One collection of documents with entries: what is read of them beside the entries.

    `where` narrows a query to a division where the documents themselves say theirs.
    """

    collection: Collection[Documents]
    kinds: frozenset[Kind]
    fields: tuple[str, ...]
    paper: Callable[[Documents, Entry], Paper]
    where: Callable[[Wanted], Documents]
    concerns: Mapping[Kind, Concern] = field(default_factory=lambda: CONCERNS)


class EntryLines:
    """`RegisterLines` over one book."""

    def __init__(self, book: Book, divisions: Callable[[], PlaceDivisions]) -> None:
        """`divisions` gives a fresh reader of where places are."""
        self._book = book
        self._divisions = divisions

    @property
    def kinds(self) -> frozenset[Kind]:
        """The registers that the book has lines for."""
        return self._book.kinds

    def lines(self, wanted: Wanted) -> Iterator[Line]:
        """Return the lines, day by day."""
        divisions = self._divisions()
        for since, until in days_of(wanted):
            yield from self._of_day(wanted, since, until, divisions=divisions)

    def _of_day(
        self, wanted: Wanted, since: datetime, until: datetime, *, divisions: PlaceDivisions
    ) -> Iterator[Line]:
        for row in entries_of(wanted, since, until, book=self._book):
            yield from self._lines(wanted.kind, row, divisions)

    def _lines(self, kind: Kind, row: Documents, divisions: PlaceDivisions) -> Iterator[Line]:
        entry = entry_of(row)
        paper = self._book.paper(row, entry)
        # By id within an entry, as the merge of all sources has it.
        lines = lines_of(kind, entry, paper, at=row["entry"]["at"])
        for line in sorted(lines, key=lambda each: each.line_id):
            if line.division or not line.place_id:
                yield line
            else:
                yield replace(line, division=divisions.of(line.place_id))


def journal_book(collection: Collection[Documents]) -> Book:
    """Return the book of weigh-ins: doors and drives."""

    def paper(row: Documents, entry: Entry) -> Paper:
        weighed, unloaded = row.get("weighed") or {}, row.get("unloaded") or {}
        return Paper(
            document_type="drive-visit" if row.get("source") == DRIVE else "pickup",
            document_id=str(row["_id"]),
            act=_act_of(entry.reason),
            division=str(weighed.get("community_code", "")),
            place_id=str(unloaded.get("facility_id", "")),
            vehicle_id=str(weighed.get("vehicle_id", "")),
        )

    fields = ("source", "weighed.community_code", "weighed.vehicle_id", "unloaded.facility_id")
    kinds = frozenset({Kind.INCOMING, Kind.TRANSPORTED})

    def where(wanted: Wanted) -> Documents:
        narrowed: Documents = {}
        if wanted.division:
            narrowed[COMMUNITY] = {"$gte": wanted.division, "$lt": f"{wanted.division}:"}
        if wanted.place_id is not None:
            narrowed[FACILITY] = wanted.place_id
        return narrowed

    return Book(collection, kinds, fields, paper, where)


def stock_book(collection: Collection[Documents]) -> Book:
    """Return the book of what people do at places; its sales are what goes out."""

    def paper(row: Documents, entry: Entry) -> Paper:
        act = row.get("act") or {}
        return Paper(
            document_type="stock-movement",
            document_id=str(row["_id"]),
            act="reversal" if entry.reverses else str(row.get("kind", "")),
            place_id=str(act.get("place_id", "")),
            note=str(act.get("note") or ""),
            counterparty_id=str(act.get("counterparty") or ""),
        )

    fields = ("kind", "act.place_id", "act.note", "act.counterparty")
    return Book(collection, MOVING, fields, paper, lambda _wanted: {})


def container_book(collection: Collection[Documents]) -> Book:
    """Return the book of containers that moved, were sealed, emptied or written off.

    What happened on a consignment's way is in its manifest's lines (`manifest_book`).
    """

    def paper(row: Documents, _entry: Entry) -> Paper:
        return Paper("container", str(row.get("tag", "")), act=str(row.get("kind", "")))

    alone = {"state.consignment_id": None}
    return Book(collection, MOVING, ("tag", "kind"), paper, lambda _wanted: alone)


def manifest_book(collection: Collection[Documents]) -> Book:
    """Return the book of what happened to containers on consignments' ways."""

    def paper(row: Documents, _entry: Entry) -> Paper:
        return Paper("container", str(row.get("tag", "")), act=str(row.get("kind", "")))

    travelling = {"state.consignment_id": {"$type": "string"}}
    fields = ("tag", "kind", "consignment_id")
    return Book(collection, MOVING, fields, paper, lambda _wanted: travelling, MANIFEST_CONCERNS)


def days_of(wanted: Wanted) -> Iterator[tuple[datetime, datetime]]:
    """Return the days of a period, in order, each as [since, until)."""
    since = wanted.since
    while since < wanted.until:
        until = min(since + DAY, wanted.until)
        yield since, until
        since = until


def entries_of(
    wanted: Wanted, since: datetime, until: datetime, *, book: Book
) -> Iterator[Documents]:
    """Return a book's entries of a day in order, each with its document's fields beside it."""
    with storage_errors():
        stages = _entries(wanted, since, until, book=book)
        yield from book.collection.aggregate(stages, allowDiskUse=True, batchSize=READ_AT_ONCE)


def entry_of(row: Documents) -> Entry:
    """Return the entry of a row."""
    return msgspec.convert(row["entry"], Entry, builtin_types=(datetime,))


def _act_of(reason: str) -> str:
    """Return what happened to a weigh-in: its first revision is weighed, later ones correct it."""
    act, _, revision = reason.partition(":")
    return "corrected" if act == "weighed" and revision != "1" else act


def _entries(wanted: Wanted, since: datetime, until: datetime, *, book: Book) -> Stages:
    at = {"$gte": since, "$lt": until}
    account = {"$regex": f"^({'|'.join(book.concerns[wanted.kind].prefixes)})"}
    beside = {name: f"$state.{name}" for each in book.fields for name in [each.partition(".")[0]]}
    shown = {f"state.{name}": 1 for name in book.fields}
    return [
        {"$match": {"state.entries": {"$elemMatch": {"at": at}}, **book.where(wanted)}},
        {"$project": {"state.entries": 1, **shown}},
        {"$unwind": "$state.entries"},
        {"$match": {"state.entries.at": at, "state.entries.postings.account": account}},
        {"$project": {"entry": "$state.entries", **beside}},
        {"$sort": {"entry.at": 1, "entry.id": 1}},
    ]

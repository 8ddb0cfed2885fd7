"""How blocks of manifest numbers are kept, and the updates that take a range or a number.

A block's `next` and `left` are of use in the server's blocks only, which give numbers in order;
`sweep_at` is the earliest expiry of its holds.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from services.tracking.domain.numbers import (
    SERIAL_MAX,
    Block,
    Entry,
    Lease,
    Owner,
    Series,
    Use,
)
from shared.kernel.aggregate import Request, Stored
from shared.kernel.errors import Unavailable
from shared.messaging.documents import REQUESTS_KEPT

Document = dict[str, Any]
REQUESTS_MAX = 1_000  # each number of a block may be voided by a request of its own
NEVER = datetime(9999, 1, 1, tzinfo=UTC)
UNDECIDED = {"$subtract": ["$size", {"$size": "$entries"}]}
IS_CLOSED = {"$ne": ["$closed", None]}
USES: list[Document] = [
    {"$unwind": "$entries"},
    {"$group": {"_id": "$entries.use", "count": {"$sum": 1}}},
]
SIZES: list[Document] = [
    {
        "$group": {
            "_id": None,
            "leased": {"$sum": "$size"},
            "returned": {"$sum": {"$cond": [IS_CLOSED, UNDECIDED, 0]}},
            "free": {"$sum": {"$cond": [IS_CLOSED, 0, UNDECIDED]}},
        }
    }
]


def owned(owner: Owner) -> Document:
    """Return the filter of an owner's blocks."""
    return {"consignor_id": owner.consignor_id, "series": owner.series.id}


def only_held(hold_id: str) -> Document:
    """Return what picks the entry that a hold has."""
    alive = [Use.HELD.value, Use.USED.value]
    return {"$elemMatch": {"hold_id": hold_id, "use": {"$in": alive}}}


def took_range(lease: Lease, at: datetime) -> list[Document]:
    """Return the update of a series that takes a range: fewer numbers at the year's end."""
    last = SERIAL_MAX + 1
    taken = {
        "lease_id": {"$literal": lease.lease_id},
        "consignor_id": {"$literal": lease.owner.consignor_id},
        "holder": {"$literal": lease.holder},
        "wanted": lease.size,
        "asked": {"$literal": lease.asked},
        "first": "$next",
        "size": {"$min": [lease.size, {"$subtract": [last, "$next"]}]},
        "at": at,
    }
    following = {"$min": [{"$add": ["$next", lease.size]}, last]}
    return [{"$set": {"open": {"$concatArrays": ["$open", [taken]]}, "next": following}}]


def took_next(hold_id: str, until: datetime) -> list[Document]:
    """Return the update of a server's block that takes its next number."""
    taken = {
        "serial": "$next",
        "use": Use.HELD.value,
        "hold_id": {"$literal": hold_id},
        "reason": None,
        "expires_at": until,
    }
    return [
        {
            "$set": {
                "entries": {"$concatArrays": ["$entries", [taken]]},
                "next": {"$add": ["$next", 1]},
                "left": {"$subtract": ["$left", 1]},
                "version": {"$add": ["$version", 1]},
                "sweep_at": {"$min": ["$sweep_at", until]},
            }
        }
    ]


def held_number(found: Mapping[str, Any]) -> str:
    """Return the number of the one entry that was asked for."""
    return _series(found["series"]).number(found["entries"][0]["serial"])


def block_document(series_id: str, taken: Mapping[str, Any]) -> Document:
    """Return the new block of a range that a series gave."""
    series = _series(series_id)
    return {
        "_id": series.number(taken["first"]),
        "lease_id": taken["lease_id"],
        "consignor_id": taken["consignor_id"],
        "series": series.id,
        "year": series.year,
        "holder": taken["holder"],
        "wanted": taken["wanted"],
        "asked": taken["asked"],
        "requests": [],
        "first": taken["first"],
        "last": taken["first"] + taken["size"] - 1,
        "size": taken["size"],
        "next": taken["first"],
        "left": taken["size"],
        "leased_at": taken["at"],
        "entries": [],
        "closed": None,
        "version": 1,
        "sweep_at": NEVER,
    }


def block_of(document: Mapping[str, Any]) -> Block:
    """Return the block that a document holds."""
    series = _series(document["series"])
    owner = Owner(document["consignor_id"], series)
    return Block(
        lease=Lease(
            document["lease_id"],
            owner,
            document["holder"],
            document["wanted"],
            document["asked"],
        ),
        first=document["first"],
        size=document["size"],
        leased_at=document["leased_at"],
        entries=tuple(
            Entry(
                series.number(each["serial"]),
                Use(each["use"]),
                each["hold_id"],
                each["reason"],
                each["expires_at"],
            )
            for each in document["entries"]
        ),
        closed=document["closed"],
    )


def changed_fields(
    before: Mapping[str, Any], after: Block, request: Request[Block] | None
) -> Document:
    """Return the fields that a changed block writes over the ones that it was read with."""
    expiries = [entry.expires_at for entry in after.entries if entry.expires_at is not None]
    version = before["version"] + 1
    return {
        "entries": [_entry(entry) for entry in after.entries],
        "closed": after.closed,
        "version": version,
        "sweep_at": min(expiries, default=NEVER),
        "requests": _requests(before, after, version, request=request),
    }


def _requests(
    before: Mapping[str, Any], after: Block, version: int, *, request: Request[Block] | None
) -> list[Document]:
    """Return the stored answers of a block, of the last 7 days, with the one of this request."""
    now = datetime.now(UTC)
    kept = [each for each in before["requests"] if each["at"] > now - REQUESTS_KEPT]
    if request is None:
        return kept
    if len(kept) >= REQUESTS_MAX:
        raise Unavailable("idempotency.full", "too many requests to this block in 7 days")
    answer = request.render(Stored(before["_id"], version, after))
    record = {
        "scope": request.scope,
        "body_sha256": request.body_sha256,
        "status": answer.status,
        "body": answer.body,
        "at": now,
    }
    return [*kept, record]


def _entry(entry: Entry) -> Document:
    return {
        "serial": int(entry.number[-6:]),
        "use": entry.use.value,
        "hold_id": entry.hold_id,
        "reason": entry.reason,
        "expires_at": entry.expires_at,
    }


def _series(series_id: str) -> Series:
    year, _, city_code = series_id.partition(".")
    return Series(int(year), city_code)

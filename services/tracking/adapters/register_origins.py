"""By which manifests stock came in: of a container the one, of what lies loose those emptied there.

It reads containers' movements, as the ledger has them: each says on which consignment's way it was.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pymongo import DESCENDING
from pymongo.collection import Collection

from services.tracking.domain.consignment import Consignment
from services.tracking.domain.register_lines import tag_of
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Documents = dict[str, Any]
ACCOUNT, AT = "state.entries.postings.account", "state.entries.at"
# Loose stock is mixed: it names the manifests of the newest that were emptied into it.
NAMED_MAX = 20
# What the receiver's scale found beside the move into its custody: no way of its own.
FOUND_BY_SCALE = "received"


class StockOrigins:
    """Looks each consignment up once; make a new one for each reading."""

    def __init__(
        self, movements: Collection[Documents], consignments: MongoAggregates[Consignment]
    ) -> None:
        """Reads only, by the ledger's index `moves`."""
        self._movements = movements
        self._consignments = consignments
        self._numbers: dict[str, str] = {}

    def of(self, account: str, material: str, *, until: datetime) -> tuple[str, ...]:
        """Return the numbers by which what an account holds before an instant came in."""
        if tag_of(account):
            number = self._brought(account, until=until)
            return (number,) if number else ()
        found = dict.fromkeys(self._emptied(account, material, until=until))
        return tuple(sorted(found))

    def _brought(self, account: str, *, until: datetime, step: int | None = None) -> str:
        """Return the number by which a container came to where it is; "" where it was filled there.

        The latest movement before `step` that touches the account says it.
        """
        before: Documents = {"state.kind": {"$ne": FOUND_BY_SCALE}}
        if step is not None:
            before["state.step"] = {"$lt": step}
        latest = max(self._touching(account, until, before), key=_step, default=None)
        if latest is None or _posted(latest, account) <= 0:
            return ""
        return self._number(latest["state"].get("consignment_id"))

    def _emptied(self, account: str, material: str, *, until: datetime) -> Iterator[str]:
        """Tell the numbers of the containers that were emptied into an account."""
        unit = {"state.kind": "emptied", "state.entries.postings.unit.kind": material}
        for row in self._touching(account, until, unit, limit=NAMED_MAX):
            source = next(p["account"] for p in _postings(row) if tag_of(p["account"]))
            number = self._brought(source, until=until, step=_step(row))
            if number:
                yield number

    def _touching(
        self, account: str, until: datetime, where: Documents, *, limit: int = 0
    ) -> list[Documents]:
        wanted = {ACCOUNT: account, AT: {"$lt": until}, **where}
        shown = {f"state.{name}": 1 for name in ("step", "consignment_id", "entries.postings")}
        with storage_errors():
            found = self._movements.find(wanted, shown, hint="moves", limit=limit)
            return list(found.sort(AT, DESCENDING))

    def _number(self, consignment_id: str | None) -> str:
        if consignment_id is None:
            return ""
        if consignment_id not in self._numbers:
            held = self._consignments.get_many([consignment_id]).get(consignment_id)
            self._numbers[consignment_id] = (held.state.number if held else None) or ""
        return self._numbers[consignment_id]


def _step(row: Documents) -> int:
    return int(row["state"]["step"])


def _postings(row: Documents) -> list[Documents]:
    return [posting for entry in row["state"]["entries"] for posting in entry["postings"]]


def _posted(row: Documents, account: str) -> int:
    return sum(each["amount"] for each in _postings(row) if each["account"] == account)

"""Which generation of a group's documents is read: a rebuild makes the next one beside it.

One document a group, in the collection `generations` of its service's database; none is the first
generation. Processes look when they start, so that a switch is a document and a restart, and back.
"""

from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError

from shared.kernel.errors import Conflict
from shared.messaging.mongo_client import storage_errors

FIRST = 1
Documents = dict[str, Any]


def of_generation(name: str, generation: int) -> str:
    """Return a collection's or Kafka group's name in a generation; the first has the bare one."""
    return name if generation == FIRST else f"{name}_{generation}"


def active_generation(database: Database[Documents], group: str) -> int:
    """Return the generation that a group's readers use."""
    with storage_errors():
        held = _generations(database).find_one({"_id": group})
    return int(held["active"]) if held else FIRST


def activate(database: Database[Documents], group: str, *, instead_of: int, to: int) -> None:
    """Let processes that start from now on use another generation.

    Raises `Conflict` (generation.changed) where somebody switched meanwhile.
    """
    update = {"$set": {"active": to}}
    with storage_errors():
        if instead_of == FIRST:
            try:
                expected = {"_id": group, "active": FIRST}
                _generations(database).update_one(expected, update, upsert=True)
            except DuplicateKeyError:
                raise _changed(group) from None
            return
        expected = {"_id": group, "active": instead_of}
        if not _generations(database).update_one(expected, update).matched_count:
            raise _changed(group)


def _generations(database: Database[Documents]) -> Collection[Documents]:
    return database["generations"]


def _changed(group: str) -> Conflict:
    return Conflict("generation.changed", f"another generation of {group} was made active")

"""Inserts of documents, each by itself, and those of many threads by one command."""

from collections.abc import Sequence
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

from shared.messaging.group_commit import GroupCommit

DUPLICATE_KEY = 11000


class Inserts:
    """Inserts into one collection."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` says how durable a write is."""
        self._collection = collection
        self._group = GroupCommit[dict[str, Any]](self._insert_all)

    def insert(self, document: dict[str, Any]) -> None:
        """Insert; raise `DuplicateKeyError` where the id is taken, or another `PyMongoError`."""
        self._group.write(document)

    def _insert_all(self, documents: Sequence[dict[str, Any]]) -> Sequence[bool | BaseException]:
        if len(documents) == 1:
            return [self._outcome_of(documents[0])]
        try:
            self._collection.insert_many(documents, ordered=False)
        except BulkWriteError as error:
            taken = ids_taken(error)
            return [
                DuplicateKeyError("the id is taken") if number in taken else True
                for number in range(len(documents))
            ]
        except PyMongoError:
            raise
        except Exception:  # noqa: BLE001 - one cannot be encoded, none was sent: not the others' fault
            return [self._outcome_of(document) for document in documents]
        return [True] * len(documents)

    def _outcome_of(self, document: dict[str, Any]) -> bool | BaseException:
        try:
            self._collection.insert_one(document)
        except Exception as error:  # noqa: BLE001 - raised again in the thread whose document it is
            return error
        return True


def ids_taken(error: BulkWriteError) -> set[int]:
    """Return which writes found their id taken; raise `error` where it is about more than that."""
    failed = error.details.get("writeErrors", [])
    is_more = error.details.get("writeConcernErrors") or not failed
    if is_more or any(each["code"] != DUPLICATE_KEY for each in failed):
        raise error
    return {each["index"] for each in failed}

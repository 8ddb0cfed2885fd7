"""Photos in MongoDB: a document each, not GridFS (ADR 0015).

GridFS writes a picture as several documents; what a crash leaves of them belongs to nobody, and
nobody would erase it. A cleaned picture is far below the 16 MiB of one document.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from bson import Binary
from pymongo.collection import Collection

from services.collection.application.people_ports import PhotoOf
from shared.messaging.mongo_client import storage_errors

PICTURE_BYTES_MAX = 5 * 1024 * 1024
WITHOUT_PICTURE = {"picture": 0}
UNCHECKED = {"checked": False}


class MongoPhotos:
    """`Photos` over one collection."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        self._photos = collection

    def prepare(self) -> None:
        """Create the indexes."""
        with storage_errors():
            self._photos.create_index("person_id")
            self._photos.create_index("put_at", name="unchecked", partialFilterExpression=UNCHECKED)

    def put(self, photo: PhotoOf, picture: bytes) -> None:
        """Insert the picture in one document: it is there as a whole, or not at all."""
        if len(picture) > PICTURE_BYTES_MAX:
            raise AssertionError("a cleaned picture is smaller than what was sent")
        document = {
            "_id": photo.photo_id,
            "pickup_id": photo.pickup_id,
            "person_id": photo.person_id,
            "put_at": datetime.now(UTC),
            "checked": False,
            "picture": Binary(picture),
        }
        with storage_errors():
            self._photos.insert_one(document)

    def get(self, photo_id: str) -> bytes | None:
        """Return the picture."""
        with storage_errors():
            held = self._photos.find_one({"_id": photo_id}, {"picture": 1})
        return None if held is None else bytes(held["picture"])

    def delete(self, photo_id: str) -> None:
        """Delete the picture's document."""
        with storage_errors():
            self._photos.delete_one({"_id": photo_id})

    def of_person(self, person_id: str, *, limit: int) -> Sequence[PhotoOf]:
        """Return a person's photos."""
        return self._found({"person_id": person_id}, limit=limit)

    def unchecked(self, *, before: datetime, limit: int) -> Sequence[PhotoOf]:
        """Return photos that wait for their check, the oldest first."""
        return self._found({**UNCHECKED, "put_at": {"$lt": before}}, limit=limit)

    def checked(self, photo_id: str) -> None:
        """Look at it no more."""
        with storage_errors():
            self._photos.update_one({"_id": photo_id}, {"$set": {"checked": True}})

    def _found(self, where: dict[str, Any], *, limit: int) -> Sequence[PhotoOf]:
        with storage_errors():
            found = self._photos.find(where, WITHOUT_PICTURE, sort=[("put_at", 1)], limit=limit)
            return [PhotoOf(p["_id"], p["pickup_id"], p["person_id"]) for p in found]

"""Personal data: one collection, one document a household, deletable by itself."""

from typing import Any

from pymongo.collection import Collection

from services.collection.application.ports import Person
from shared.messaging.mongo_client import storage_errors


class MongoPeople:
    """`People` over the collection `people`."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """Nothing else of this house holds names, phones or addresses."""
        self._people = collection

    def keep(self, household_id: str, person: Person) -> None:
        """Keep or replace."""
        held = {"name": person.name, "phone": person.phone, "address": person.address}
        self._set(household_id, held)

    def keep_note(self, household_id: str, pickup_id: str, note: str) -> None:
        """Keep what was said about a pickup."""
        self._set(household_id, {f"notes.{pickup_id}": note})

    def note(self, household_id: str, pickup_id: str) -> str | None:
        """Return what was said about a pickup."""
        with storage_errors():
            held = self._people.find_one({"_id": household_id}, {f"notes.{pickup_id}": 1}) or {}
        note = held.get("notes", {}).get(pickup_id)
        return None if note is None else str(note)

    def _set(self, household_id: str, fields: dict[str, Any]) -> None:
        with storage_errors():
            self._people.update_one({"_id": household_id}, {"$set": fields}, upsert=True)

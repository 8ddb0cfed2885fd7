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
        with storage_errors():
            self._people.replace_one({"_id": household_id}, held, upsert=True)

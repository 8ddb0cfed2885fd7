"""Personal data: one collection, one document a person. Nothing else here names anybody."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pymongo.collection import Collection

from services.collection.adapters.mongo_rules import unannounced
from services.collection.domain.people import Person, Status
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.errors import Conflict, NotFound
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

# As partial filters, so that persons without a subject, notes or cards are in no index.
SUBJECT = "state.subject"
NOTED = "state.notes.pickup_id"
CARD = "state.cards.token_sha256"
STATUS = "state.status"
SCOPE = "requests.scope"
# An app may ask for a card whenever it is opened.
REQUESTS_MAX = 500


class MongoPeople(MongoAggregates[Person]):
    """`People` over the collection `people`."""

    def __init__(self, collection: Collection[dict[str, Any]]) -> None:
        """`collection` writes with majority and journal."""
        super().__init__(
            collection,
            kind="person",
            state_type=Person,
            announce=unannounced,
            audited=lambda _person: "",
        )
        self._shape = replace(self._shape, requests_max=REQUESTS_MAX)

    def prepare(self) -> None:
        """Create the indexes; a subject has one person."""
        super().prepare()
        with storage_errors():
            for field in (SUBJECT, NOTED, CARD, SCOPE):
                self.collection.create_index(
                    field,
                    name=field,
                    unique=field == SUBJECT,
                    partialFilterExpression={field: {"$gt": ""}},
                )
            self.collection.create_index(
                [(STATUS, 1), ("state.erasing_at", 1)],
                name="erasing",
                partialFilterExpression={STATUS: Status.ERASING.value},
            )

    def create(
        self, entity_id: str, decision: Decision[Person], *, request: Request[Person] | None = None
    ) -> Stored[Person]:
        """Insert; `Conflict` (person.exists) where the id or the subject is a person already."""
        try:
            return super().create(entity_id, decision, request=request)
        except NotFound:  # something is taken, and it is not the id
            raise Conflict("person.exists", "this subject is a person already") from None

    def of(self, subject: str) -> Stored[Person] | None:
        """Return the person that a subject is."""
        return self._one({SUBJECT: subject})

    def by_card(self, token_sha256: str) -> Stored[Person] | None:
        """Return the person with a card."""
        return self._one({CARD: token_sha256})

    def answered(self, scope: str) -> Stored[Person] | None:
        """Return the person in whose document a request was answered."""
        return self._one({SCOPE: scope})

    def note(self, pickup_id: str) -> str | None:
        """Return what was said about a pickup."""
        held = self._one({NOTED: pickup_id})
        notes = () if held is None else held.state.notes
        return next((each.text for each in notes if each.pickup_id == pickup_id), None)

    def erasing(self, *, limit: int) -> Sequence[Stored[Person]]:
        """Return those whose erasure is under way, the longest first."""
        where = {STATUS: Status.ERASING.value}
        with storage_errors():
            found = self.collection.find(where, sort=[("state.erasing_at", 1)], limit=limit)
            return [self.stored(each) for each in found]

    def _one(self, where: dict[str, Any]) -> Stored[Person] | None:
        with storage_errors():
            held = self.collection.find_one(where)
        return None if held is None else self.stored(held)

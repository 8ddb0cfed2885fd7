"""In-memory twins of what keeps persons, households and photos."""

import threading
from dataclasses import replace
from datetime import UTC, datetime

from services.collection.adapters.mongo_people import REQUESTS_MAX
from services.collection.adapters.mongo_rules import unannounced
from services.collection.domain.households import Household
from services.collection.domain.people import Person, Status
from shared.kernel.errors import Conflict, Invalid
from shared.messaging.in_memory import InMemoryAggregates


class InMemoryPeople(InMemoryAggregates):
    def __init__(self):
        super().__init__(
            kind="person", state_type=Person, announce=unannounced, audited=lambda _person: ""
        )
        self._shape = replace(self._shape, requests_max=REQUESTS_MAX)

    def create(self, entity_id, decision, *, request=None):
        with self._lock:
            subject = decision.state.subject
            if subject is not None and self.of(subject) is not None:
                raise Conflict("person.exists")
            return super().create(entity_id, decision, request=request)

    def all(self):
        return [self._shape.stored(document) for document in list(self._documents.values())]

    def of(self, subject):
        return self._one(lambda person: person.subject == subject)

    def by_card(self, token_sha256):
        return self._one(lambda p: any(card.token_sha256 == token_sha256 for card in p.cards))

    def answered(self, scope):
        for document in list(self._documents.values()):
            if any(held["scope"] == scope for held in document["requests"]):
                return self._shape.stored(document)
        return None

    def note(self, pickup_id):
        notes = [note for stored in self.all() for note in stored.state.notes]
        return next((note.text for note in notes if note.pickup_id == pickup_id), None)

    def erasing(self, *, limit):
        return [each for each in self.all() if each.state.status is Status.ERASING][:limit]

    def _one(self, is_wanted):
        return next((each for each in self.all() if is_wanted(each.state)), None)


class InMemoryHouseholds(InMemoryAggregates):
    def __init__(self):
        super().__init__(
            kind="household",
            state_type=Household,
            announce=unannounced,
            audited=lambda household: household.community_code,
        )

    def all(self):
        return [self._shape.stored(document) for document in list(self._documents.values())]

    def of_person(self, person_id):
        found = [each for each in self.all() if each.state.member(person_id)]
        return sorted(found, key=lambda each: each.id)

    def by_invite(self, code_sha256):
        for each in self.all():
            if any(invite.code_sha256 == code_sha256 for invite in each.state.invites):
                return each
        return None


class PlainDirectory:
    """Asks each time."""

    def __init__(self, households, people):
        self._households, self._people = households, people

    def household(self, household_id):
        return self._households.get(household_id).state

    def person_id(self, subject):
        held = self._people.of(subject)
        return held and held.id

    def forget(self):
        pass


class InMemoryPhotos:
    def __init__(self, now=lambda: datetime.now(UTC)):
        self._now = now
        self._held = {}
        self._lock = threading.Lock()

    def put(self, photo, picture):
        with self._lock:
            assert photo.photo_id not in self._held
            self._held[photo.photo_id] = [photo, picture, self._now(), False]

    def get(self, photo_id):
        held = self._held.get(photo_id)
        return held and held[1]

    def delete(self, photo_id):
        with self._lock:
            self._held.pop(photo_id, None)

    def of_person(self, person_id, *, limit):
        return [held[0] for held in self._held.values() if held[0].person_id == person_id][:limit]

    def unchecked(self, *, before, limit):
        waiting = [held for held in self._held.values() if not held[3] and held[2] < before]
        return [held[0] for held in waiting][:limit]

    def checked(self, photo_id):
        with self._lock:
            if photo_id in self._held:
                self._held[photo_id][3] = True


class FakeCodes:
    def code(self, purpose, made_of):
        return f"code of {purpose} {made_of}"


class FakePictures:
    """Takes what begins with "picture:", and drops what is said behind "exif:"."""

    def clean(self, content):
        if not content.startswith(b"picture:"):
            raise Invalid("photo.not_a_picture")
        return content.partition(b"exif:")[0]

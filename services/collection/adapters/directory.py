"""Who lives where, kept for 3 s: every booking asks. 50,000 households and persons at the most."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from services.collection.application.people_ports import Households, People
from services.collection.domain.households import Household

FRESH_FOR_S = 3.0
KEPT_MAX = 50_000
V = TypeVar("V")


class Kept(Generic[V]):
    """What was read lately, by key; what was not found is asked for again each time."""

    def __init__(self, *, now_s: Callable[[], float] = monotonic) -> None:
        """Begin empty."""
        self._now_s = now_s
        self._held: OrderedDict[str, tuple[float, V]] = OrderedDict()
        self._turn = 0
        self._lock = Lock()

    def get(self, key: str, read: Callable[[str], V]) -> V:
        """Return what was read less than 3 s ago, or read it now."""
        with self._lock:
            read_at_s, value = self._held.get(key, (float("-inf"), None))
            turn = self._turn
        if value is not None and self._now_s() - read_at_s < FRESH_FOR_S:
            return value
        asked_at_s = self._now_s()
        fresh = read(key)
        with self._lock:
            # Whoever forgets while this is read must not get the old answer back.
            if fresh is not None and turn == self._turn:
                self._held[key] = (asked_at_s, fresh)
                self._held.move_to_end(key)
            if len(self._held) > KEPT_MAX:
                self._held.popitem(last=False)
        return fresh

    def forget(self) -> None:
        """Keep nothing of what was read, or is being read now."""
        with self._lock:
            self._held.clear()
            self._turn += 1


class KeptDirectory:
    """`Directory` in front of the collections."""

    def __init__(self, households: Households, people: People) -> None:
        """Begin empty."""
        self._households, self._people = households, people
        self._found: Kept[Household] = Kept()
        self._persons: Kept[str | None] = Kept()

    def household(self, household_id: str) -> Household:
        """Return the household."""
        return self._found.get(household_id, lambda each: self._households.get(each).state)

    def person_id(self, subject: str) -> str | None:
        """Return the id of the person that a subject is."""
        return self._persons.get(subject, self._person_id)

    def forget(self) -> None:
        """Ask anew from here on."""
        self._found.forget()
        self._persons.forget()

    def _person_id(self, subject: str) -> str | None:
        held = self._people.of(subject)
        return None if held is None else held.id

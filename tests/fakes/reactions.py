"""A reaction that counts, over twins: processes come and go, what is durable stays."""

from collections.abc import Sequence
from typing import Any

from shared.contracts.codec import RawRecord, wire_headers
from shared.contracts.pickup import PickupCancelled
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Rejected, Unavailable
from shared.kernel.events import Event
from shared.messaging.in_memory import InMemoryAggregates
from shared.messaging.in_memory_in import InMemoryCursors, InMemoryDeadLetters, InMemorySource
from shared.messaging.reactions import Effect, Reaction
from shared.messaging.runner import Runner
from tests.fakes.counters import Added, Counter, announce


class CountingHouse:
    """Counts each name of an event: "a:b" concerns a and b.

    Names in `refused`, `broken` and `away` are refused, crash, or find a dependency away; where
    `unnamed`, telling the names crashes.
    """

    def __init__(self, *, ceiling: int = 1_000, generation: int = 1) -> None:
        self.counters = InMemoryAggregates(kind="counter", state_type=Counter, announce=announce)
        self.cursors = InMemoryCursors()
        self.letters = InMemoryDeadLetters(group="g", generation=generation, ceiling=ceiling)
        self.records: list[RawRecord] = []
        self.refused: set[str] = set()
        self.broken: set[str] = set()
        self.away: set[str] = set()
        self.unnamed = False
        self.pauses: list[float] = []
        self._generation = generation
        self.restart()

    def restart(self) -> None:
        """Begin again as a new process over the same durable things."""
        self.source = InMemorySource(self.records)
        self.runner = Runner(
            Reaction("g", {PickupCancelled: [Effect(self.counters, self.names, self.decide)]}),
            self.source,
            cursors=self.cursors,
            letters=self.letters,
            generation=self._generation,
            pause=self.pauses.append,
        )
        self.runner.join()

    def names(self, event: Event[Any]) -> Sequence[str]:
        if self.unnamed:
            raise ZeroDivisionError
        return event.data.pickup_id.split(":")

    def decide(self, name: str, held: Counter | None, _event: Event[Any]) -> Decision[Counter]:
        if name in self.refused:
            raise Rejected("counter.refused")
        if name in self.broken:
            raise ZeroDivisionError
        if name in self.away:
            raise Unavailable("counter.away")
        return (held or Counter(name)).add(events=0)

    def write(self, name: str, *, sequence: int | None = None) -> RawRecord:
        """Append an event with the next sequence, or with a given one."""
        headers = wire_headers(announce(Added(name, 0)).headers, sequence=sequence or self.next())
        return self.put(announce(Added(name, 0)).value, headers)

    def put(self, value: bytes | None, headers: Sequence[tuple[str, bytes]]) -> RawRecord:
        """Append any record."""
        topic = announce(Added("any", 0)).topic
        raw = RawRecord(topic, 0, len(self.records), b"k", value, headers)
        self.records.append(raw)
        return raw

    def next(self) -> int:
        return len(self.records) + 1

    def codes(self) -> list[str]:
        return [letter.code for letter in self.letters.letters.values()]

    def totals(self) -> dict[str, int]:
        """Return all counts by name."""
        names = {each for record in self.records for each in _names(record)}
        found = self.counters.get_many(names)
        return {name: stored.state.total for name, stored in found.items()}

    def replay_all(self) -> None:
        """Ask for all letters and let the worker see to it."""
        for name in self.letters.letters:
            self.letters.want_back(name)
        self.runner.keep_house()


def _names(record: RawRecord) -> list[str]:
    return dict(record.headers).get("ce_subject", b"").decode().split(":")

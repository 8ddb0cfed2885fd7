"""What all phases of the day share: the city, the way in, the tally, the clock, the progress."""

import random
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from shared.kernel.errors import Rejected
from tools.simulator.api import Api
from tools.simulator.calibration import Noise
from tools.simulator.city import City
from tools.simulator.persons import Person
from tools.simulator.tally import Tally

T = TypeVar("T")
CLIENTS = 8


class Progress(Protocol):
    """Shows how far a phase is."""

    def begin(self, phase: str, total: int) -> None:
        """Start a phase of `total` steps."""

    def step(self, by: int = 1) -> None:
        """Advance the phase; called from several threads."""


@dataclass(frozen=True, slots=True)
class Booking:
    """A booking that got its 201."""

    pickup_id: str
    number: int


@dataclass(frozen=True, slots=True)
class OfflineWeighing:
    """A weigh-in that a phone without a network keeps until the evening."""

    pickup_id: str
    collector_id: str
    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recurring:
    """A series; `pickup_id` is its pickup of the service day."""

    series_id: str
    number: int
    pickup_id: str


@dataclass(frozen=True, slots=True)
class Erasure:
    """A person who asked to be forgotten, and where the person's traces would be."""

    person: Person
    erasure_id: str
    household_id: str
    pickup_id: str | None = None


@dataclass(slots=True)
class Stage:
    """The day's shared state. `set_clock` moves the business clock of all services."""

    city: City
    api: Api
    noise: Noise
    tally: Tally
    progress: Progress
    set_clock: Callable[[datetime], None]
    seed: int
    slot_ids: dict[tuple[str, str], str] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    cancelled: set[str] = field(default_factory=set)
    missed: set[str] = field(default_factory=set)
    disputed: set[str] = field(default_factory=set)
    offline: list[OfflineWeighing] = field(default_factory=list)
    weighed: dict[str, dict[str, Any]] = field(default_factory=dict)
    homes: dict[int, str] = field(default_factory=dict)
    series: dict[str, Recurring] = field(default_factory=dict)
    erasures: dict[int, Erasure] = field(default_factory=dict)
    unaware: set[str] = field(default_factory=set)
    permits: dict[tuple[str, str], str] = field(default_factory=dict)

    def person(self, number: int) -> Person:
        """Return the resident of a number."""
        return Person(self.city.run, number)

    def note_booked(self, pickup_id: str, number: int) -> None:
        """Keep a booking that got its answer."""
        self.bookings[pickup_id] = Booking(pickup_id, number)
        self.tally.count("booked")

    def note_cancelled(self, pickup_id: str) -> None:
        """Keep that a booking is cancelled."""
        self.cancelled.add(pickup_id)
        self.tally.count("cancelled")

    def note_weighed(self, pickup_id: str, pickup: dict[str, Any]) -> None:
        """Keep an acknowledged weigh-in, and count its grams."""
        self.weighed[pickup_id] = pickup
        self.tally.count("collected")
        for lot in pickup["weighing"]["lots"]:
            self.tally.weigh(lot["material"], lot["mass_g"])

    def dice(self, *name: object) -> random.Random:
        """Return the dice of one act, so that threads' order does not change what is drawn."""
        return random.Random(":".join(str(part) for part in (self.seed, *name)))

    def each(self, phase: str, things: Sequence[T], act: Callable[[T], None]) -> None:
        """Do `act` for all `things` with 8 clients at once; the first error ends the day."""

        if things:
            self.progress.begin(phase, len(things))
            self.together(things, act)

    def together(self, things: Sequence[T], act: Callable[[T], None]) -> None:
        """Do `act` for all `things` as `each` does, as a part of the phase that has begun."""

        def one(thing: T) -> None:
            act(thing)
            self.progress.step()

        with ThreadPoolExecutor(CLIENTS) as pool:
            try:
                for done in [pool.submit(one, thing) for thing in things]:
                    done.result()
            finally:  # after an error or an interrupt nothing more is begun
                pool.shutdown(wait=False, cancel_futures=True)

    def allowed(self, act: Callable[[], Any]) -> Any | None:  # noqa: ANN401 - the act's answer
        """Return the answer of `act`, or None where a rule said no; the code is counted."""
        try:
            return act()
        except Rejected as no:
            self.tally.refuse(no.code)
            return None

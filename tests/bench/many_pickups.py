"""Many pickups at once: documents as the service writes them, cloned with other ids and days.

One life of each state is lived through the domain; its document is the template of thousands.
"""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from itertools import islice
from typing import Any

from pymongo.collection import Collection
from pymongo.write_concern import WriteConcern

from services.collection.adapters.announcements import announce
from services.collection.domain.pickup import Pickup
from services.collection.domain.states import State
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day
from shared.kernel.ids import derived_id
from shared.messaging.documents import Shape
from tests.unit.collection.builders import NOW
from tests.unit.collection.test_life import WAYS, fresh

Document = dict[str, Any]
BATCH = 2_000
BANDS = ("morning", "afternoon", "evening")
# A city's shares of a year; what is to come is booked or assigned.
SHARES = {
    State.STANDS: 780,
    State.CANCELLED: 90,
    State.FAILED: 50,
    State.CORRECTED: 25,
    State.UPHELD: 20,
    State.MISSED: 15,
    State.WEIGHED: 10,
    State.DISPUTED: 6,
    State.AT_DOOR: 2,
    State.EN_ROUTE: 2,
}
AHEAD = {State.BOOKED: 3, State.ASSIGNED: 1}
TODAY = legal_day(NOW)
COLLECTORS = 600


def fill(
    collection: Collection[Document],
    count: int,
    *,
    communities: list[str],
    households_each: int = 250,
    days: int = 400,
    threads: int = 2,
) -> None:
    """Insert `count` pickups of the last `days` days and the next fortnight."""
    writing = collection.with_options(write_concern=WriteConcern(w=1, j=False))
    shares = [count // threads + (n < count % threads) for n in range(threads)]

    def write(number: int) -> None:
        made = pickups(
            shares[number],
            seed=number,
            communities=communities,
            households_each=households_each,
            days=days,
        )
        while batch := list(islice(made, BATCH)):
            writing.insert_many(batch, ordered=False)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(write, range(threads)))


def pickups(
    count: int, *, seed: int, communities: list[str], households_each: int, days: int
) -> Iterator[Document]:
    """Yield documents; the same seed gives the same ones."""
    draw = random.Random(seed)
    templates = {state: template(state) for state in WAYS}
    past, ahead = weighted(SHARES), weighted(AHEAD)
    for number in range(count):
        day = TODAY + timedelta(days=draw.randrange(-days, 15))
        state = draw.choice(past if day < TODAY else ahead)
        code = draw.choice(communities)
        yield clone(
            templates[state],
            derived_id("many", str(seed), str(number)),
            household_id=f"home-{code}-{draw.randrange(households_each)}",
            code=code,
            day=day,
            collector=draw.randrange(COLLECTORS),
        )


def weighted(shares: dict[State, int]) -> list[State]:
    return [state for state, share in shares.items() for _ in range(share)]


def template(state: State) -> Document:
    """Return the document of a pickup that came to a state, as the service writes it."""
    shape = Shape("pickup", Pickup, announce)
    pickup: Pickup = fresh(state)
    document, _, _ = shape.changed(shape.first("template"), Decision(pickup))
    answer = {
        "scope": "0" * 64,
        "body_sha256": "0" * 64,
        "status": 201,
        "body": b"x" * 900,
        "at": NOW,
    }
    return {**document, "requests": [answer]}


def clone(
    made: Document, pickup_id: str, *, household_id: str, code: str, day: date, collector: int
) -> Document:
    """Return a template's document as another pickup's."""
    state = made["state"]
    booking = {
        **state["booking"],
        "household_id": household_id,
        "community_code": code,
        "service_day": day.isoformat(),
        "slot_id": f"{code}.{day.isoformat()}.morning",
    }
    changed = {**state, "pickup_id": pickup_id, "booking": booking}
    if state["tour"] is not None or state["weighing"] is not None:
        tour = state["tour"] or TOUR
        changed["tour"] = {
            **tour,
            "collector_id": f"collector-{collector}",
            "tour_id": f"tour-{day.isoformat()}-{collector}",
            "service_day": day.isoformat(),
        }
    if state["waiting"] is not None:
        since = NOW + (day - TODAY)
        changed["waiting"] = {**state["waiting"], "since": since}
        changed["reviews"] = [{**each, "opened_at": since} for each in state["reviews"]]
    return {**made, "_id": pickup_id, "state": changed}


TOUR: Document = template(State.ASSIGNED)["state"]["tour"]

"""Many drives, visits and sign-ups at once: documents as the service writes them, cloned."""

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from services.collection.adapters.drive_announcements import announce_drive
from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import DriveState
from services.collection.domain.signup import SignUp, SignUpState, sign_up_id_of
from services.collection.domain.visit import Visit
from services.collection.domain.visiting import visit_id_of
from shared.kernel.aggregate import Decision
from shared.kernel.ids import derived_id
from shared.messaging.documents import Shape
from tests.unit.collection.drive_builders import NOW, DriveHouse, Identity

Document = dict[str, Any]
BATCH = 2_000
COLLECTORS = 200
CAMPAIGNS = 20
HOUSEHOLDS_EACH = 100
DAY = timedelta(days=1)
# A city's shares of two years; what is to come is planned or announced.
PAST = (
    [DriveState.CLOSED] * 90 + [DriveState.CANCELLED] * 7 + [DriveState.ABORTED, DriveState.MISSED]
)
AHEAD = [DriveState.PLANNED] * 2 + [DriveState.ANNOUNCED]


def fill(
    db: Database[Document],
    count: int,
    *,
    communities: list[str],
    days: int = 700,
    kinds: tuple[str, ...] = ("drives", "visits", "sign_ups"),
) -> None:
    """Insert `count` drives, visits and sign-ups."""
    makers: dict[str, Callable[..., Iterator[Document]]] = {
        "drives": drives,
        "visits": visits,
        "sign_ups": sign_ups,
    }
    for name in kinds:
        make = makers[name]
        held: Collection[Document] = db[name].with_options(write_concern=WriteConcern(w=1, j=False))
        made = make(count, communities=communities, days=days)
        while batch := list(islice(made, BATCH)):
            held.insert_many(batch, ordered=False)


def drives(count: int, *, communities: list[str], days: int) -> Iterator[Document]:
    """Yield drives at three sites a community."""
    made, draw = template("drive", Drive, DriveHouse().drive()), random.Random(1)
    for number in range(count):
        code = draw.choice(communities)
        begin = NOW + draw.randrange(-days, 28) * DAY + timedelta(hours=draw.randrange(10))
        state = draw.choice(PAST if begin < NOW else AHEAD)
        named = f"collector-{draw.randrange(COLLECTORS)}"
        stand_in = f"collector-{draw.randrange(COLLECTORS)}"
        yield changed(
            made,
            drive_id_of(number),
            drive_id=drive_id_of(number),
            site=site_of(made, code, draw.randrange(3)),
            terms={
                **made["state"]["terms"],
                "collector_id": named,
                "campaign_id": f"campaign-{draw.randrange(CAMPAIGNS)}",
            },
            collector_id=stand_in if state is DriveState.MISSED else named,
            state=state.value,
            window_start=begin,
            window_end=begin + DAY / 8,
        )


def visits(count: int, *, communities: list[str], days: int) -> Iterator[Document]:
    """Yield visits, ten to a drive."""
    del days
    made, draw = template("visit", Visit, visited()), random.Random(2)
    for number in range(count):
        code, drive_id = draw.choice(communities), drive_id_of(number // 10)
        visit_id, first = visit_id_of(drive_id, number % 10 + 1), made["state"]["first"]
        home = f"home-{code}-{draw.randrange(HOUSEHOLDS_EACH)}"
        waiting = {"since": NOW - timedelta(minutes=number)} if number % 50 == 0 else None
        yield changed(
            {**made, "waiting": waiting},
            visit_id,
            visit_id=visit_id,
            drive_id=drive_id,
            ticket=number % 10 + 1,
            site=site_of(made, code, 0),
            first={**first, "visitor": {**first["visitor"], "household_id": home}},
        )


def sign_ups(count: int, *, communities: list[str], days: int) -> Iterator[Document]:
    """Yield sign-ups, ten for a drive."""
    del days
    held = SignUp("", "", "", SignUpState.SIGNED, NOW)
    made, draw = template("sign_up", SignUp, held), random.Random(3)
    for number in range(count):
        code, drive_id = draw.choice(communities), drive_id_of(number // 10)
        home = f"home-{code}-{number % HOUSEHOLDS_EACH}"
        sign_up_id = sign_up_id_of(drive_id, home)
        facts = {"sign_up_id": sign_up_id, "drive_id": drive_id, "household_id": home}
        yield changed(made, sign_up_id, **facts, community_code=code)


def drive_id_of(number: int) -> str:
    """Return the id of a made drive."""
    return derived_id("many-drives", str(number))


def visited() -> Visit:
    """Return a visit that was told at a drive."""
    house = DriveHouse()
    house.open()
    state: Visit = house.tell(identity=Identity()).state
    return state


def template(kind: str, state_type: type[Any], state: object) -> Document:
    """Return a document as the service writes it, with an answer to a request."""
    shape = Shape(kind, state_type, announce_drive)
    document, _, _ = shape.changed(shape.first("template"), Decision(state))
    answer = {"scope": "0" * 64, "body_sha256": "0" * 64, "status": 201, "body": b"x" * 900}
    return {**document, "requests": [{**answer, "at": NOW}]}


def site_of(made: Document, code: str, number: int) -> Document:
    """Return one of a community's sites."""
    named = {"site_id": f"site-{code}-{number}", "community_code": code}
    return {**made["state"]["site"], **named}


def changed(made: Document, entity_id: str, **facts: object) -> Document:
    """Return a template's document as another one's."""
    return {**made, "_id": entity_id, "state": {**made["state"], **facts}}

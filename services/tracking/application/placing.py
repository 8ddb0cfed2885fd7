"""Saying in which division a place lies."""

from dataclasses import dataclass

from services.tracking.domain.place import Place
from shared.kernel.aggregate import Aggregates, Decision, Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import Conflict, NotFound


@dataclass(frozen=True, slots=True)
class SayDivision:
    """An operator says where a place is, for the first time or anew."""

    place_id: str
    division_code: str
    by: str


def say_division(
    cmd: SayDivision, *, places: Aggregates[Place], clock: Clock, request: Request[Place]
) -> Stored[Place]:
    """Keep it; the last word counts."""
    now = clock.now()

    def decide(held: Place) -> Decision[Place]:
        return Decision(held.moved(cmd.division_code, at=now, by=cmd.by))

    try:
        return places.change(cmd.place_id, decide, request=request)
    except NotFound:
        place = Place(cmd.place_id, cmd.division_code, said_at=now, by=cmd.by)
    try:
        return places.create(cmd.place_id, Decision(place), request=request)
    except Conflict:  # somebody else was first
        return places.change(cmd.place_id, decide, request=request)

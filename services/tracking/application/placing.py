"""Saying where a place is, who operates it, and whether it is a designated central store."""

from collections.abc import Callable
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


@dataclass(frozen=True, slots=True)
class NameOperatingParty:
    """An operator says which party operates a place, for the first time or anew."""

    place_id: str
    party_id: str
    by: str


@dataclass(frozen=True, slots=True)
class DesignateCentralStore:
    """An operator says whether a place is a designated central store, or is one no more."""

    place_id: str
    is_central_store: bool
    by: str


@dataclass(frozen=True, slots=True)
class Map:
    """Places. `party` returns a known party, or raises `NotFound` (party.not_found)."""

    places: Aggregates[Place]
    clock: Clock
    party: Callable[[str], object]


def say_division(cmd: SayDivision, *, map_: Map, request: Request[Place]) -> Stored[Place]:
    """Keep it; the last word counts."""
    now = map_.clock.now()

    def said(held: Place) -> Place:
        return held.moved(cmd.division_code, at=now, by=cmd.by)

    return _put(Place(cmd.place_id, "", now, cmd.by), said, map_=map_, request=request)


def name_operating_party(
    cmd: NameOperatingParty, *, map_: Map, request: Request[Place]
) -> Stored[Place]:
    """Keep it; the last word counts. `NotFound` (party.not_found) of a party that is not known."""
    map_.party(cmd.party_id)
    now = map_.clock.now()

    def named(held: Place) -> Place:
        return held.operated(cmd.party_id, at=now, by=cmd.by)

    return _put(Place(cmd.place_id, "", now, cmd.by), named, map_=map_, request=request)


def designate_central_store(
    cmd: DesignateCentralStore, *, map_: Map, request: Request[Place]
) -> Stored[Place]:
    """Keep it; the last word counts, for what is sealed, moved or asked after it."""
    now = map_.clock.now()

    def designated(held: Place) -> Place:
        return held.designated(cmd.is_central_store, at=now, by=cmd.by)

    return _put(Place(cmd.place_id, "", now, cmd.by), designated, map_=map_, request=request)


def _put(
    fresh: Place, change: Callable[[Place], Place], *, map_: Map, request: Request[Place]
) -> Stored[Place]:
    """Change a place, or keep it for the first time."""

    def decide(held: Place) -> Decision[Place]:
        return Decision(change(held))

    try:
        return map_.places.change(fresh.place_id, decide, request=request)
    except NotFound:
        pass
    try:
        return map_.places.create(fresh.place_id, decide(fresh), request=request)
    except Conflict:  # somebody else was first
        return map_.places.change(fresh.place_id, decide, request=request)

"""The API of the pool of crates: movements of parties, what they hold, and their limits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.tracking.adapters.mongo_crates import MongoCrateSearch
from services.tracking.application.crate_desk import CrateDesk, limit_crates, move_crates
from services.tracking.domain.crates import Act, CrateMove, PartyCrates
from services.tracking.entrypoints import crate_bodies as bodies
from services.tracking.entrypoints.crate_bodies import CrateMovementView, PartyCratesView
from services.tracking.entrypoints.newest_first import before, behind
from shared.contracts.topic import OpaqueId
from shared.http.auth import Caller, Watcher, role
from shared.http.body import Instant
from shared.http.etag import ExpectedVersion
from shared.http.idempotency import KeyedCall, keyed
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next
from shared.kernel.aggregate import Stored
from shared.kernel.clock import to_millisecond
from shared.kernel.errors import NotFound

OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]
CrewCall = Annotated[KeyedCall, Depends(keyed("operator", "collector"))]
Looking = Annotated[Caller, Depends(role("operator", "regulator", "company", own=("company",)))]
At = Annotated[Instant | None, Query()]


@dataclass(frozen=True, slots=True)
class Pool:
    """What these routes work with."""

    desk: CrateDesk
    search: MongoCrateSearch


def crate_moves_router(pool: Pool) -> APIRouter:
    """Return the routes that record movements and set limits."""
    router = APIRouter(prefix="/v1/parties", tags=["crates"])
    desk = pool.desk

    def recorded(move: CrateMove, call: KeyedCall) -> Response:
        request = call.request(200, bodies.moved_view)
        return call.respond(move_crates(move, desk=desk, request=request))

    @router.post("/{party_id}/crate-issues", response_model=CrateMovementView)
    def issue(party_id: OpaqueId, body: bodies.CratesBody, call: CrewCall) -> Response:
        now = desk.clock.now()
        return recorded(bodies.move_of(Act.ISSUE, party_id, body, call, now=now), call)

    @router.post("/{party_id}/crate-returns", response_model=CrateMovementView)
    def give_back(party_id: OpaqueId, body: bodies.ReturnBody, call: CrewCall) -> Response:
        now = desk.clock.now()
        return recorded(bodies.move_of(Act.RETURN, party_id, body, call, now=now), call)

    @router.post("/{party_id}/crate-losses", response_model=CrateMovementView)
    def lose(party_id: OpaqueId, body: bodies.CratesBody, call: OperatorCall) -> Response:
        now = desk.clock.now()
        return recorded(bodies.move_of(Act.LOSE, party_id, body, call, now=now), call)

    @router.post("/{party_id}/crate-findings", response_model=CrateMovementView)
    def find(party_id: OpaqueId, body: bodies.CratesBody, call: OperatorCall) -> Response:
        now = desk.clock.now()
        return recorded(bodies.move_of(Act.FIND, party_id, body, call, now=now), call)

    @router.post("/{party_id}/crate-regradings", response_model=CrateMovementView)
    def regrade(party_id: OpaqueId, body: bodies.RegradingBody, call: OperatorCall) -> Response:
        now = desk.clock.now()
        return recorded(bodies.move_of(Act.REGRADE, party_id, body, call, now=now), call)

    @router.post("/{party_id}/crate-limits", response_model=PartyCratesView)
    def limit(
        party_id: OpaqueId, body: bodies.LimitsBody, call: OperatorCall, version: ExpectedVersion
    ) -> Response:
        limited = limit_crates(
            party_id,
            body.to_limits(),
            expected_version=version,
            desk=desk,
            request=call.request(200, bodies.party_view),
        )
        return call.respond(limited)

    return router


def crate_reading_router(pool: Pool) -> APIRouter:
    """Return the routes that tell who holds what, now or at a time."""
    router = APIRouter(prefix="/v1", tags=["crates"])
    search = pool.search

    def seen(stored: Stored[PartyCrates], at: datetime | None) -> PartyCratesView:
        if at is None:
            return bodies.party_view(stored)
        instant = to_millisecond(at)
        held, lost = search.held_at(stored.id, instant), search.lost_at(stored.id, instant)
        return bodies.party_view(stored, at=instant, held=held, lost=lost)

    @router.get("/crates")
    def list_parties(
        request: Request,
        response: Response,
        _caller: Watcher,
        *,
        at: At = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[PartyCratesView]:
        after_id = str(decode_cursor(cursor, str)[0]) if cursor else ""
        found = search.parties(after_id=after_id, limit=limit + 1)
        following = encode_cursor(found[limit - 1].id) if len(found) > limit else None
        link_next(request, response, following)
        return Page(items=[seen(each, at) for each in found[:limit]], next=following)

    @router.get("/parties/{party_id}/crates")
    def get_party(
        party_id: OpaqueId, caller: Looking, response: Response, *, at: At = None
    ) -> PartyCratesView:
        _check_own(party_id, caller)
        stored = pool.desk.parties.get(party_id)
        response.headers["ETag"] = f'"{stored.version}"'
        return seen(stored, at)

    return router


def crate_history_router(pool: Pool) -> APIRouter:
    """Return the route that tells what moved."""
    router = APIRouter(prefix="/v1", tags=["crates"])

    @router.get("/parties/{party_id}/crate-movements")
    def list_movements(
        party_id: OpaqueId,
        request: Request,
        response: Response,
        caller: Looking,
        *,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[CrateMovementView]:
        _check_own(party_id, caller)
        place = before(cursor) if cursor else None
        found = pool.search.of_party(party_id, before=place, limit=limit + 1)
        last = found[limit - 1] if len(found) > limit else None
        following = behind(last.state.happened_at, last.id) if last else None
        link_next(request, response, following)
        return Page(items=[bodies.movement_view(each) for each in found[:limit]], next=following)

    return router


def _check_own(party_id: str, caller: Caller) -> None:
    """A company is the party of its token's subject; another's is not there for it."""
    if not (caller.has("operator") or caller.has("regulator")) and caller.subject != party_id:
        raise NotFound("party_crates.not_found", "there is no such thing")

"""The routes of series: pickups that recur.

An ETag here is the series' edition: what the worker notes about its days changes no edition.
"""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.collection.adapters.mongo_series import MongoSeries
from services.collection.application import recurring
from services.collection.application.desk import own_household, own_household_ids
from services.collection.application.rota import Rota
from services.collection.domain.series import Series
from services.collection.entrypoints import series_bodies, series_views
from services.collection.entrypoints.http import ResidentCall, is_staff, items_of
from shared.contracts.topic import CommunityCode, OpaqueId
from shared.http.auth import Caller, role
from shared.http.etag import ExpectedVersion
from shared.http.idempotency import KeyedCall
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next
from shared.kernel.aggregate import Request as Keyed
from shared.kernel.aggregate import Stored
from shared.kernel.errors import Invalid

SeriesView = series_views.SeriesView
SeriesReader = Annotated[Caller, Depends(role("resident", "operator", own=["resident"]))]


def ordering_router(rota: Rota) -> APIRouter:
    """Return the routes that begin a series and change what it says."""
    router = APIRouter(prefix="/v1/series", tags=["series"])

    @router.post("", status_code=201, response_model=SeriesView)
    def begin(body: series_bodies.SeriesBody, call: ResidentCall) -> Response:
        cmd = recurring.BeginSeries(
            series_id=call.derived_id(),
            household_id=body.household_id,
            pattern=body.to_pattern(items_of(body.items, desk=rota.desk)),
            caller=call.caller.subject,
            is_staff=is_staff(call.caller),
            note=body.note or None,
        )
        request = call.request(201, series_views.series_view)
        return _answer(call, recurring.begin_series(cmd, rota=rota, request=request))

    @router.post("/{series_id}/amendments", response_model=SeriesView)
    def amend(
        series_id: OpaqueId,
        body: series_bodies.SeriesAmendmentBody,
        call: ResidentCall,
        edition: ExpectedVersion,
    ) -> Response:
        own = _own(series_id, call, edition=edition)
        change = partial(body.changed, items=items_of(body.items or (), desk=rota.desk))
        changed = recurring.amend_series(own, change, rota=rota, request=_request(call))
        return _answer(call, changed)

    @router.post("/{series_id}/end", response_model=SeriesView)
    def end(series_id: OpaqueId, body: series_bodies.EndBody, call: ResidentCall) -> Response:
        own = _own(series_id, call)
        ended = recurring.end_series(own, body.last, rota=rota, request=_request(call))
        return _answer(call, ended)

    return router


def pausing_router(rota: Rota) -> APIRouter:
    """Return the routes by which days are left out."""
    router = APIRouter(prefix="/v1/series/{series_id}", tags=["series"])

    @router.post("/skips", response_model=SeriesView)
    def skip(series_id: OpaqueId, body: series_bodies.SkipBody, call: ResidentCall) -> Response:
        own = _own(series_id, call)
        return _answer(call, recurring.skip_day(own, body.day, rota=rota, request=_request(call)))

    @router.post("/pauses", response_model=SeriesView)
    def pause(series_id: OpaqueId, body: series_bodies.PauseBody, call: ResidentCall) -> Response:
        own = _own(series_id, call)
        paused = recurring.pause_series(own, body.to_pause(), rota=rota, request=_request(call))
        return _answer(call, paused)

    @router.post("/resumption", response_model=SeriesView)
    def resume(
        series_id: OpaqueId, body: series_bodies.ResumptionBody, call: ResidentCall
    ) -> Response:
        own = _own(series_id, call)
        resumed = recurring.resume_series(own, body.day, rota=rota, request=_request(call))
        return _answer(call, resumed)

    return router


def series_reading_router(rota: Rota, search: MongoSeries) -> APIRouter:
    """Return the routes that read series."""
    router = APIRouter(prefix="/v1/series", tags=["series"])

    @router.get("/{series_id}")
    def get_series(series_id: OpaqueId, caller: SeriesReader, response: Response) -> SeriesView:
        own = recurring.Own(series_id, caller.subject, is_staff(caller))
        stored = recurring.own_series(own, rota=rota)
        days = stored.state.occurrences
        pickups = rota.desk.search.many(each.pickup_id(series_id) for each in days)
        response.headers["ETag"] = f'"{stored.state.edition}"'
        return series_views.series_with(pickups, stored)

    @router.get("")
    def list_series(
        request: Request,
        response: Response,
        caller: SeriesReader,
        *,
        where: Annotated[SeriesFilter, Depends()],
        limit: Limit = 50,
    ) -> Page[SeriesView]:
        after_id = str(decode_cursor(where.cursor, str)[0]) if where.cursor else ""
        found = search.page(where.of(caller, rota=rota), after_id=after_id, limit=limit + 1)
        following = encode_cursor(found[limit - 1].id) if len(found) > limit else None
        link_next(request, response, following)
        items = [series_views.series_view(each) for each in found[:limit]]
        return Page(items=items, next=following)

    return router


@dataclass(frozen=True, slots=True)
class SeriesFilter:
    """A household's series, a community's (for staff), or the caller's own."""

    household_id: Annotated[OpaqueId | None, Query()] = None
    community_code: Annotated[CommunityCode | None, Query()] = None
    cursor: Cursor = None

    def of(self, caller: Caller, *, rota: Rota) -> dict[str, Any]:
        """Return the query's filter; `Invalid` (search.not_offered) for both at once."""
        staff = is_staff(caller)
        if self.household_id and self.community_code:
            raise Invalid("search.not_offered", "ask for a household or a community")
        if self.household_id:
            own_household(self.household_id, caller.subject, is_staff=staff, desk=rota.desk)
            return {"state.household_id": self.household_id}
        if self.community_code and staff:
            return {"state.community_code": self.community_code}
        own = own_household_ids(caller.subject, desk=rota.desk)
        return {} if staff else {"state.household_id": {"$in": own}}


def _own(series_id: str, call: KeyedCall, *, edition: int | None = None) -> recurring.Own:
    return recurring.Own(series_id, call.caller.subject, is_staff(call.caller), edition)


def _request(call: KeyedCall) -> Keyed[Series]:
    return call.request(200, series_views.series_view)


def _answer(call: KeyedCall, stored: Stored[Series]) -> Response:
    return call.respond(recurring.at_edition(stored))

"""What the API tells of visits and sign-ups: to the collector, staff, and their household."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request, Response

from services.collection.adapters.mongo_drives import MongoDriveSearch, ids_of
from services.collection.application.drive_desk import DriveDesk
from services.collection.domain.visiting import visit_id_of
from services.collection.entrypoints import visit_views
from services.collection.entrypoints.drive_access import CrewReader, OwnVisitsReader, VisitReader
from services.collection.entrypoints.drive_reading import drive_of_crew
from services.collection.entrypoints.visit_reviews import Ticket
from shared.contracts.topic import OpaqueId
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next

Filter = dict[str, Any]
NOT_LAPSED = {"state.state": {"$ne": "lapsed"}}


@dataclass(frozen=True, slots=True)
class OfHouseholds:
    """What belongs to some households, as it is looked for."""

    visits: Filter
    sign_ups: Filter


def of_households(household_ids: Sequence[str]) -> OfHouseholds:
    """Return the filters of some households' visits and sign-ups; lapsed ones are none."""
    ids = {"$in": list(household_ids)}
    return OfHouseholds(
        visits={"state.first.visitor.household_id": ids},
        sign_ups={"state.household_id": ids, **NOT_LAPSED},
    )


def visits_of_drive_router(desk: DriveDesk, search: MongoDriveSearch) -> APIRouter:
    """Return the routes that read a drive's visits and sign-ups."""
    router = APIRouter(prefix="/v1/drives/{drive_id}", tags=["visits"])

    @router.get("/visits")
    def list_visits(
        request: Request,
        response: Response,
        drive_id: OpaqueId,
        caller: CrewReader,
        *,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[visit_views.VisitView]:
        drive_of_crew(drive_id, caller, desk=desk)
        page = _visits(search, {"_id": ids_of(drive_id)}, cursor=cursor, limit=limit)
        link_next(request, response, page.next)
        return page

    @router.get("/visits/{ticket}")
    def get_visit(
        drive_id: OpaqueId, ticket: Ticket, caller: VisitReader, response: Response
    ) -> visit_views.VisitView:
        stored = desk.visits.get(visit_id_of(drive_id, ticket))
        if stored.state.household_id not in desk.homes.of(caller.subject):
            drive_of_crew(drive_id, caller, desk=desk)
        response.headers["ETag"] = f'"{stored.version}"'
        return visit_views.visit_view(stored)

    @router.get("/sign-ups")
    def list_sign_ups(
        request: Request,
        response: Response,
        drive_id: OpaqueId,
        caller: CrewReader,
        *,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[visit_views.SignUpView]:
        drive_of_crew(drive_id, caller, desk=desk)
        page = _sign_ups(search, {"state.drive_id": drive_id}, cursor=cursor, limit=limit)
        link_next(request, response, page.next)
        return page

    return router


def own_router(desk: DriveDesk, search: MongoDriveSearch) -> APIRouter:
    """Return the routes by which residents read their own visits and sign-ups."""
    router = APIRouter(prefix="/v1", tags=["visits"])

    @router.get("/visits")
    def own_visits(
        request: Request,
        response: Response,
        caller: OwnVisitsReader,
        *,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[visit_views.VisitView]:
        own = of_households(desk.homes.of(caller.subject))
        page = _visits(search, own.visits, cursor=cursor, limit=limit)
        link_next(request, response, page.next)
        return page

    @router.get("/sign-ups")
    def own_sign_ups(
        request: Request,
        response: Response,
        caller: OwnVisitsReader,
        *,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[visit_views.SignUpView]:
        own = of_households(desk.homes.of(caller.subject))
        page = _sign_ups(search, own.sign_ups, cursor=cursor, limit=limit)
        link_next(request, response, page.next)
        return page

    return router


def _visits(
    search: MongoDriveSearch, where: Filter, *, cursor: str | None, limit: int
) -> Page[visit_views.VisitView]:
    found = search.visits(where, after_id=_after_id(cursor), limit=limit + 1)
    following = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[visit_views.visit_view(each) for each in found[:limit]], next=following)


def _sign_ups(
    search: MongoDriveSearch, where: Filter, *, cursor: str | None, limit: int
) -> Page[visit_views.SignUpView]:
    asked = {**where, **NOT_LAPSED}
    found = search.sign_ups(asked, after_id=_after_id(cursor), limit=limit + 1)
    following = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[visit_views.sign_up_view(each) for each in found[:limit]], next=following)


def _after_id(cursor: str | None) -> str:
    return str(decode_cursor(cursor, str)[0]) if cursor else ""

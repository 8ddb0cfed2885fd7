"""What the API tells of visits and sign-ups: to the collector, staff, and their household."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from fastapi import APIRouter, Request, Response

from services.collection.adapters import visit_lists as lists
from services.collection.adapters.pickup_lists import Step
from services.collection.adapters.visit_lists import MongoListsById, MongoVisitReviews
from services.collection.application.drive_desk import DriveDesk
from services.collection.domain.records import waiting_of
from services.collection.domain.signup import SignUp
from services.collection.domain.visit import Visit
from services.collection.domain.visiting import visit_id_of
from services.collection.entrypoints.drive_access import CrewReader, OwnVisitsReader, VisitReader
from services.collection.entrypoints.drive_reading import drive_of_crew
from services.collection.entrypoints.list_query import instant_of, milliseconds
from services.collection.entrypoints.visit_reviews import Ticket
from services.collection.entrypoints.visit_views import (
    SignUpView,
    VisitView,
    sign_up_view,
    visit_view,
)
from shared.contracts.topic import OpaqueId
from shared.http.auth import Operator
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next
from shared.kernel.aggregate import Stored

S = TypeVar("S")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class DriveArchive:
    """Lists of what happened at drives."""

    visits: MongoListsById[Visit]
    sign_ups: MongoListsById[SignUp]


def visits_of_drive_router(desk: DriveDesk, archive: DriveArchive) -> APIRouter:
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
    ) -> Page[VisitView]:
        drive_of_crew(drive_id, caller, desk=desk)
        step = lists.visits_of_drive(drive_id)
        page = _page(archive.visits, step, visit_view, cursor=cursor, limit=limit)
        link_next(request, response, page.next)
        return page

    @router.get("/visits/{ticket}")
    def get_visit(
        drive_id: OpaqueId, ticket: Ticket, caller: VisitReader, response: Response
    ) -> VisitView:
        stored = desk.visits.get(visit_id_of(drive_id, ticket))
        if stored.state.household_id not in desk.homes.of(caller.subject):
            drive_of_crew(drive_id, caller, desk=desk)
        response.headers["ETag"] = f'"{stored.version}"'
        return visit_view(stored)

    @router.get("/sign-ups")
    def list_sign_ups(
        request: Request,
        response: Response,
        drive_id: OpaqueId,
        caller: CrewReader,
        *,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[SignUpView]:
        drive_of_crew(drive_id, caller, desk=desk)
        step = lists.sign_ups_for(drive_id)
        page = _page(archive.sign_ups, step, sign_up_view, cursor=cursor, limit=limit)
        link_next(request, response, page.next)
        return page

    return router


def own_router(desk: DriveDesk, archive: DriveArchive) -> APIRouter:
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
    ) -> Page[VisitView]:
        step = lists.visits_of(desk.homes.of(caller.subject))
        page = _page(archive.visits, step, visit_view, cursor=cursor, limit=limit)
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
    ) -> Page[SignUpView]:
        step = lists.sign_ups_of(desk.homes.of(caller.subject))
        page = _page(archive.sign_ups, step, sign_up_view, cursor=cursor, limit=limit)
        link_next(request, response, page.next)
        return page

    return router


def open_reviews_router(reviews: MongoVisitReviews) -> APIRouter:
    """Return the route by which staff find the visits that wait for a person."""
    router = APIRouter(prefix="/v1", tags=["visits"])

    @router.get("/visit-reviews")
    def list_open(
        request: Request,
        response: Response,
        _caller: Operator,
        *,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[VisitView]:
        behind = None
        if cursor is not None:
            since_ms, visit_id = decode_cursor(cursor, int, str)
            behind = (instant_of(int(since_ms)), str(visit_id))
        found = reviews.page(behind, limit=limit + 1)
        following = _cursor_behind(found[limit - 1]) if len(found) > limit else None
        link_next(request, response, following)
        return Page(items=[visit_view(each) for each in found[:limit]], next=following)

    return router


def _cursor_behind(last: Stored[Visit]) -> str:
    waiting = waiting_of(last.state.reviews)
    if waiting is None:
        raise AssertionError("what is listed waits")
    return encode_cursor(milliseconds(waiting.since), last.id)


def _page(
    held: MongoListsById[S],
    step: Step,
    view: Callable[[Stored[S]], V],
    *,
    cursor: str | None,
    limit: int,
) -> Page[V]:
    after_id = str(decode_cursor(cursor, str)[0]) if cursor else ""
    found = held.page(step, after_id=after_id, limit=limit + 1)
    following = encode_cursor(found[limit - 1].id) if len(found) > limit else None
    return Page(items=[view(each) for each in found[:limit]], next=following)

"""What the API tells of consignments: single ones, lists, their chain, and what is printed.

Who may see what is part of each query: a party what it has a part in, a regulator its area.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from services.tracking.adapters.mongo_consignments import (
    MongoConsignmentSearch,
    of_area,
    of_party,
)
from services.tracking.application.consignment_desk import Actor, ConsignmentDesk, visible
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_fields import verify
from services.tracking.entrypoints import consignment_views as views
from services.tracking.entrypoints.consignments import actor_of
from shared.contracts.topic import OpaqueId
from shared.http.auth import Caller, role
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next
from shared.kernel.aggregate import Stored

Reader = Annotated[
    Caller,
    Depends(role("company", "operator", "regulator", own=["company"], area=["regulator"])),
]


@dataclass(frozen=True, slots=True)
class ConsignmentReading:
    """What is read. `prints` makes the PDF of a manifest or waybill."""

    desk: ConsignmentDesk
    search: MongoConsignmentSearch
    prints: Callable[[str, Consignment], bytes]


@dataclass(frozen=True, slots=True)
class ConsignmentFilter:
    """What a list is narrowed to; a company sees what it has a part in, whatever is asked."""

    state: Annotated[str | None, Query(pattern="^[a-z-]{1,16}$")] = None
    number: Annotated[str | None, Query(pattern=r"^\d{14}$")] = None
    container: Annotated[str | None, Query(max_length=64)] = None
    cursor: Cursor = None

    def of(self, actor: Actor) -> dict[str, Any]:
        """Return the filter of the query, with the caller's own limits inside."""
        asked = {
            "state.state": self.state,
            "state.number": self.number,
            "state.manifest.containers.tag": self.container,
        }
        parts: list[dict[str, Any]] = [{k: v for k, v in asked.items() if v is not None}]
        if not actor.is_operator:
            parts.append(_within(actor))
        return {"$and": parts}


def _within(actor: Actor) -> dict[str, Any]:
    if not actor.is_regulator:
        return of_party(actor.party_id)
    return of_area(actor.area_code) if actor.area_code else {}


def reading_router(reading: ConsignmentReading) -> APIRouter:
    """Return the routes that read consignments."""
    router = APIRouter(prefix="/v1/consignments", tags=["consignments"])
    desk = reading.desk

    @router.get("")
    def list_consignments(
        request: Request,
        response: Response,
        caller: Reader,
        *,
        where: Annotated[ConsignmentFilter, Depends()],
        limit: Limit = 50,
    ) -> Page[views.ConsignmentView]:
        after_id = str(decode_cursor(where.cursor, str)[0]) if where.cursor else ""
        wanted = where.of(actor_of(caller))
        found = reading.search.page(wanted, after_id=after_id, limit=limit + 1)
        following = encode_cursor(found[limit - 1].id) if len(found) > limit else None
        link_next(request, response, following)
        items = [views.consignment_view(each) for each in found[:limit]]
        return Page(items=items, next=following)

    @router.get("/{consignment_id}")
    def get_consignment(
        consignment_id: OpaqueId, caller: Reader, response: Response
    ) -> views.ConsignmentView:
        stored = visible(consignment_id, actor_of(caller), desk=desk)
        response.headers["ETag"] = f'"{stored.version}"'
        return views.consignment_view(stored)

    @router.get("/{consignment_id}/verify")
    def verify_consignment(consignment_id: OpaqueId, caller: Reader) -> views.VerificationView:
        stored = visible(consignment_id, actor_of(caller), desk=desk)
        return views.verification_view(verify(stored.state, desk.rules.table))

    return router


def printing_router(reading: ConsignmentReading) -> APIRouter:
    """Return the routes of what is printed and carried on the vehicle."""
    router = APIRouter(prefix="/v1/consignments", tags=["consignments"])

    def printed(kind: str, consignment_id: str, caller: Caller) -> Response:
        stored: Stored[Consignment] = visible(consignment_id, actor_of(caller), desk=reading.desk)
        name = f'inline; filename="{kind}-{stored.state.number or "draft"}.pdf"'
        return Response(
            reading.prints(kind, stored.state),
            media_type="application/pdf",
            headers={"Content-Disposition": name},
        )

    @router.get("/{consignment_id}/manifest.pdf", response_class=Response)
    def manifest_pdf(consignment_id: OpaqueId, caller: Reader) -> Response:
        return printed("manifest", consignment_id, caller)

    @router.get("/{consignment_id}/waybill.pdf", response_class=Response)
    def waybill_pdf(consignment_id: OpaqueId, caller: Reader) -> Response:
        return printed("waybill", consignment_id, caller)

    return router

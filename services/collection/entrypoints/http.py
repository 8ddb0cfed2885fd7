"""Collection's API. Handlers are plain functions: FastAPI runs them in its thread pool."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response

from services.collection.application import amending, booking, handlers, opening
from services.collection.application.desk import Desk
from services.collection.application.ports import Cells
from services.collection.domain.booking import Item
from services.collection.domain.slots import SlotName
from services.collection.entrypoints import bodies, views
from shared.contracts.topic import CommunityCode
from shared.http.auth import Anybody, Caller
from shared.http.body import Day
from shared.http.etag import ExpectedVersion
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.clock import legal_day

ResidentCall = Annotated[KeyedCall, Depends(keyed("resident", "operator", own=["resident"]))]
RegistrantCall = Annotated[KeyedCall, Depends(keyed("resident", "operator"))]
OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]


@dataclass(frozen=True, slots=True)
class Office:
    """What the API works with."""

    desk: Desk
    cells: Cells


def is_staff(caller: Caller) -> bool:
    """Say whether the caller may act for residents."""
    return caller.has("operator")


def items_of(items: Sequence[bodies.ItemBody], *, desk: Desk) -> tuple[Item, ...]:
    """Return declared items; what is only counted weighs what it usually does today."""
    today = legal_day(desk.clock.now())
    return tuple(item.to_item(today) for item in items)


def slots_router(office: Office) -> APIRouter:
    """Return the routes of slots."""
    router = APIRouter(prefix="/v1", tags=["slots"])

    @router.post("/slots", status_code=201)
    def open_slot(body: bodies.SlotBody, _call: OperatorCall) -> views.SlotView:
        name = SlotName(body.community_code, body.service_day, body.band)
        return views.slot_view(opening.add_slot(name, capacity=body.capacity, desk=office.desk))

    @router.get("/slots")
    def list_slots(
        community_code: CommunityCode,
        first: Annotated[Day, Query(alias="from")],
        last: Annotated[Day, Query(alias="to")],
        _caller: Anybody,
    ) -> views.SlotsView:
        slots = office.desk.slots.list(community_code, first=first, last=last)
        return views.SlotsView(items=[views.slot_view(slot) for slot in slots])

    return router


def booking_router(office: Office) -> APIRouter:
    """Return the routes by which residents book."""
    router = APIRouter(prefix="/v1", tags=["pickups"])
    desk = office.desk

    @router.post("/holds", status_code=201)
    def hold(body: bodies.HoldBody, call: ResidentCall) -> views.HoldView:
        cmd = booking.HoldSlot(
            pickup_id=call.derived_id(),
            household_id=body.household_id,
            slot_id=body.slot_id,
            caller=call.caller.subject,
            is_staff=is_staff(call.caller),
        )
        return views.HoldView(pickup_id=cmd.pickup_id, expires_at=booking.hold_slot(cmd, desk=desk))

    @router.post("/pickups", status_code=201, response_model=views.PickupView)
    def book(body: bodies.PickupBody, call: ResidentCall) -> Response:
        cmd = booking.BookPickup(
            pickup_id=str(body.pickup_id) if body.pickup_id else call.derived_id(),
            household_id=body.household_id,
            slot_id=body.slot_id,
            items=items_of(body.items, desk=desk),
            caller=call.caller.subject,
            is_staff=is_staff(call.caller),
            note=body.note or None,
        )
        request = call.request(201, views.pickup_view)
        return call.respond(booking.book_pickup(cmd, desk=desk, request=request))

    @router.post("/pickups/{pickup_id}/amendments", response_model=views.PickupView)
    def amend(
        pickup_id: str, body: bodies.AmendmentBody, call: ResidentCall, version: ExpectedVersion
    ) -> Response:
        items = items_of(body.items, desk=desk) if body.items else None
        cmd = amending.AmendPickup(
            pickup_id=pickup_id,
            items=items,
            slot_id=body.slot_id,
            caller=call.caller.subject,
            is_staff=is_staff(call.caller),
            expected_version=version,
        )
        request = call.request(200, views.pickup_view)
        return call.respond(amending.amend_pickup(cmd, desk=desk, request=request))

    return router


def withdrawing_router(office: Office) -> APIRouter:
    """Return the routes by which residents cancel, and report that nobody came."""
    router = APIRouter(prefix="/v1/pickups", tags=["pickups"])
    desk = office.desk

    @router.post("/{pickup_id}/cancellation", response_model=views.PickupView)
    def cancel(pickup_id: str, body: bodies.CancellationBody, call: ResidentCall) -> Response:
        cmd = handlers.CancelPickup(
            pickup_id, body.reason, call.caller.subject, is_staff(call.caller)
        )
        request = call.request(200, views.pickup_view)
        return call.respond(handlers.cancel_pickup(cmd, desk=desk, request=request))

    @router.post("/{pickup_id}/missed-reports", response_model=views.PickupView)
    def report_missed(
        pickup_id: str, _body: bodies.MissedReportBody, call: ResidentCall
    ) -> Response:
        reported = handlers.report_missed(
            pickup_id,
            call.caller.subject,
            is_staff=is_staff(call.caller),
            desk=desk,
            request=call.request(200, views.pickup_view),
        )
        return call.respond(reported)

    return router

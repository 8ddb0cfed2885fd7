"""The API of consignments: what consignors, carriers and receivers do."""

import hashlib
from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel

from services.tracking.application import consignment_drafts as drafts
from services.tracking.application import consignment_moves as moves
from services.tracking.application import consignment_receptions as receptions
from services.tracking.application import consignment_signatures as signatures
from services.tracking.application.consignment_desk import Actor, ConsignmentDesk
from services.tracking.application.consignment_moves import Case
from services.tracking.domain.tags import scanned
from services.tracking.entrypoints import consignment_bodies as bodies
from services.tracking.entrypoints import consignment_views as views
from shared.contracts.topic import OpaqueId
from shared.http.auth import Caller
from shared.http.etag import ExpectedVersion
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.clock import to_millisecond

DraftingCall = Annotated[KeyedCall, Depends(keyed("company"))]
CompanyCall = Annotated[KeyedCall, Depends(keyed("company", own=["company"]))]
WatchingCall = Annotated[KeyedCall, Depends(keyed("company", "operator", own=["company"]))]
WITHOUT_CODE = {"security_code"}


def actor_of(caller: Caller) -> Actor:
    """Return who asks: a company is the party that its token names."""
    return Actor(
        party_id=caller.subject if caller.has("company") else "",
        is_operator=caller.has("operator"),
        is_regulator=caller.has("regulator"),
        area_code=caller.area_code or "",
    )


def case_of(consignment_id: str, call: KeyedCall) -> Case:
    """Return the command's frame; its answer is the consignment as it then stands."""
    request = call.request(200, views.consignment_view)
    return Case(consignment_id, actor_of(call.caller), request)


def signed_case(consignment_id: str, call: KeyedCall, body: BaseModel) -> Case:
    """Return the frame of a command that may carry a security code.

    What is kept to recognise a repeat is a hash without the code: a code of six digits would be
    found from its hash in no time.
    """
    told = body.model_dump_json(exclude=WITHOUT_CODE)
    hidden = replace(call, body_sha256=hashlib.sha256(told.encode()).hexdigest())
    return case_of(consignment_id, hidden)


def drafting_router(desk: ConsignmentDesk) -> APIRouter:
    """Return the routes by which consignors write drafts."""
    router = APIRouter(prefix="/v1/consignments", tags=["consignments"])

    @router.post("", status_code=201, response_model=views.ConsignmentView)
    def draft(body: bodies.ConsignmentBody, call: DraftingCall) -> Response:
        drafted = drafts.draft_consignment(
            call.derived_id(),
            body.to_content(),
            actor=actor_of(call.caller),
            desk=desk,
            request=call.request(201, views.consignment_view),
        )
        return call.respond(drafted)

    @router.post("/{consignment_id}/amendments", response_model=views.ConsignmentView)
    def amend(
        consignment_id: OpaqueId,
        body: bodies.ConsignmentBody,
        call: CompanyCall,
        version: ExpectedVersion,
    ) -> Response:
        amended = drafts.amend_consignment(
            consignment_id,
            body.to_content(),
            actor=actor_of(call.caller),
            desk=desk,
            request=call.request(200, views.consignment_view),
            expected_version=version,
        )
        return call.respond(amended)

    return router


def sealing_router(desk: ConsignmentDesk) -> APIRouter:
    """Return the routes by which consignors seal, cancel, and run on paper."""
    router = APIRouter(prefix="/v1/consignments", tags=["consignments"])

    @router.post("/{consignment_id}/seal", response_model=views.ConsignmentView)
    def seal(consignment_id: OpaqueId, body: bodies.SealBody, call: CompanyCall) -> Response:
        sealed = drafts.seal_consignment(
            consignment_id,
            number=body.number,
            sealed_at=to_millisecond(body.sealed_at) if body.sealed_at else None,
            actor=actor_of(call.caller),
            desk=desk,
            request=call.request(200, views.consignment_view),
        )
        return call.respond(sealed)

    @router.post("/{consignment_id}/cancellation", response_model=views.ConsignmentView)
    def cancel(consignment_id: OpaqueId, body: bodies.ReasonBody, call: CompanyCall) -> Response:
        cancelled = drafts.cancel_consignment(
            consignment_id,
            body.reason,
            actor=actor_of(call.caller),
            desk=desk,
            request=call.request(200, views.consignment_view),
        )
        return call.respond(cancelled)

    @router.post("/{consignment_id}/paper", response_model=views.ConsignmentView)
    def paper(consignment_id: OpaqueId, body: bodies.ReasonBody, call: CompanyCall) -> Response:
        case = case_of(consignment_id, call)
        return call.respond(moves.go_on_paper(case, body.reason, desk=desk))

    return router


def signing_router(desk: ConsignmentDesk) -> APIRouter:
    """Return the routes by which parties sign and receive."""
    router = APIRouter(prefix="/v1/consignments", tags=["signatures"])

    @router.post("/{consignment_id}/signatures", response_model=views.ConsignmentView)
    def sign(consignment_id: OpaqueId, body: bodies.SignatureBody, call: CompanyCall) -> Response:
        case = signed_case(consignment_id, call, body)
        if body.role == "consignor":
            signed = signatures.sign_consignment(
                consignment_id,
                body.to_pen(),
                actor=case.actor,
                desk=desk,
                request=case.request,
            )
        else:
            signed = signatures.take_consignment(
                consignment_id,
                body.to_pen(),
                tuple(scanned(tag) for tag in body.scanned_tags),
                actor=case.actor,
                desk=desk,
                request=case.request,
            )
        return call.respond(signed)

    @router.post("/{consignment_id}/receptions", response_model=views.ConsignmentView)
    def receive(
        consignment_id: OpaqueId, body: bodies.ReceptionBody, call: CompanyCall
    ) -> Response:
        received = receptions.receive_consignment(
            signed_case(consignment_id, call, body),
            body.to_pen(),
            body.to_verdicts(),
            onward=body.onward.to_wish() if body.onward else None,
            desk=desk,
        )
        return call.respond(received)

    @router.post("/{consignment_id}/receipts", response_model=views.ConsignmentView)
    def receipt(consignment_id: OpaqueId, body: bodies.ReceiptBody, call: CompanyCall) -> Response:
        given = receptions.receipt_for_return(
            signed_case(consignment_id, call, body), body.to_pen(), body.to_verdicts(), desk=desk
        )
        return call.respond(given)

    return router


def carrying_router(desk: ConsignmentDesk) -> APIRouter:
    """Return the routes by which carriers report."""
    router = APIRouter(prefix="/v1/consignments", tags=["moving"])
    shows = views.ConsignmentView

    @router.post("/{consignment_id}/loading-refusals", response_model=shows)
    def refuse(consignment_id: OpaqueId, body: bodies.ReasonBody, call: CompanyCall) -> Response:
        case = case_of(consignment_id, call)
        return call.respond(moves.refuse_loading(case, body.reason, desk=desk))

    @router.post("/{consignment_id}/breakdowns", response_model=shows)
    def break_down(
        consignment_id: OpaqueId, body: bodies.BreakdownBody, call: CompanyCall
    ) -> Response:
        broken = moves.report_breakdown(
            case_of(consignment_id, call),
            body.reason,
            body.carrier.to_carrier(),
            expected_at=to_millisecond(body.expected_at),
            desk=desk,
        )
        return call.respond(broken)

    @router.post("/{consignment_id}/arrivals", response_model=shows)
    def arrive(consignment_id: OpaqueId, body: bodies.ArrivalBody, call: CompanyCall) -> Response:
        at = to_millisecond(body.arrived_at) if body.arrived_at else None
        case = case_of(consignment_id, call)
        return call.respond(moves.report_arrival(case, body.place_id, at=at, desk=desk))

    return router


def answering_router(desk: ConsignmentDesk) -> APIRouter:
    """Return the routes by which consignors answer."""
    router = APIRouter(prefix="/v1/consignments", tags=["moving"])
    shows = views.ConsignmentView

    @router.post("/{consignment_id}/carrier-replacements", response_model=shows)
    def replace_carrier(
        consignment_id: OpaqueId, body: bodies.ReplacementBody, call: CompanyCall
    ) -> Response:
        case = case_of(consignment_id, call)
        carrier = body.carrier.to_carrier()
        return call.respond(moves.replace_carrier(case, body.leg, carrier, desk=desk))

    @router.post("/{consignment_id}/carrier-approvals", response_model=shows)
    def approve(
        consignment_id: OpaqueId, _body: bodies.ApprovalBody, call: CompanyCall
    ) -> Response:
        return call.respond(moves.approve_carrier(case_of(consignment_id, call), desk=desk))

    @router.post("/{consignment_id}/turn-backs", response_model=shows)
    def turn_back(
        consignment_id: OpaqueId, body: bodies.TurnBackBody, call: CompanyCall
    ) -> Response:
        case, expected_at = case_of(consignment_id, call), to_millisecond(body.expected_at)
        turned = moves.turn_back(case, body.reason, expected_at=expected_at, desk=desk)
        return call.respond(turned)

    return router


def losing_router(desk: ConsignmentDesk) -> APIRouter:
    """Return the routes of what was missing."""
    router = APIRouter(prefix="/v1/consignments", tags=["moving"])
    shows = views.ConsignmentView

    @router.post("/{consignment_id}/findings", response_model=shows)
    def found(consignment_id: OpaqueId, body: bodies.FoundBody, call: WatchingCall) -> Response:
        case, expected_at = case_of(consignment_id, call), to_millisecond(body.expected_at)
        return call.respond(moves.report_found(case, expected_at=expected_at, desk=desk))

    @router.post("/{consignment_id}/losses", response_model=shows)
    def lost(consignment_id: OpaqueId, body: bodies.LossBody, call: WatchingCall) -> Response:
        case = case_of(consignment_id, call)
        return call.respond(moves.declare_lost(case, body.report_id, desk=desk))

    return router

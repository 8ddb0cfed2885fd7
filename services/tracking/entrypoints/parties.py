"""The operator's API of parties and permits, and a party's own security code.

The registry is tracking's until organisations have a service of their own.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import Field, StringConstraints

from services.tracking.adapters.mongo_parties import MongoParties
from services.tracking.application.registering import R, check_approval, check_period, put
from services.tracking.domain.consignment_permits import Activity, Approval, Licence, PlanLine
from services.tracking.domain.manifest import Party
from services.tracking.domain.signature_codes import SecurityCode
from services.tracking.entrypoints.consignment_bodies import SecurityDigits
from shared.contracts.manifest import WasteCode
from shared.contracts.topic import CommunityCode, OpaqueId
from shared.http.auth import Caller, role
from shared.http.body import Body, Day, View
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.aggregate import Aggregates, Decision, Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import NotFound

OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]
CompanyCall = Annotated[KeyedCall, Depends(keyed("company"))]
Watcher = Annotated[Caller, Depends(role("operator", "regulator"))]
Name = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Codes = Annotated[list[WasteCode], Field(min_length=1, max_length=200)]
YearGrams = Annotated[int, Field(strict=True, ge=0, le=10**15)]


class PartyBody(Body):
    """A party with the division of its site. The name is for what is printed only."""

    party_id: OpaqueId
    division_code: CommunityCode
    name: Name | None = None

    def made(self, revision: int) -> Party:
        """Return the party."""
        return Party(self.party_id, self.division_code, revision)


class LicenceBody(Body):
    """A party's licence; `valid_to` is its last day. `annual_g` left out: no quantity named."""

    licence_id: OpaqueId
    party_id: OpaqueId
    activity: Annotated[Activity, Field(strict=False)]
    codes: Codes
    annual_g: YearGrams | None = None
    valid_from: Day
    valid_to: Day
    withdrawn: bool = False

    def made(self, revision: int) -> Licence:
        """Return the licence, or raise `Invalid` (permit.period)."""
        check_period(self.valid_from, self.valid_to)
        return Licence(
            licence_id=self.licence_id,
            party_id=self.party_id,
            activity=self.activity,
            codes=tuple(self.codes),
            annual_g=self.annual_g,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
            revision=revision,
            withdrawn=self.withdrawn,
        )


class PlanLineBody(Body):
    """One waste code of a consignor's management plan of a year."""

    plan_line_id: OpaqueId
    consignor_id: OpaqueId
    year: int = Field(strict=True, ge=2000, le=2199)
    waste_code: WasteCode
    planned_g: YearGrams
    withdrawn: bool = False

    def made(self, revision: int) -> PlanLine:
        """Return the plan line."""
        return PlanLine(
            plan_line_id=self.plan_line_id,
            consignor_id=self.consignor_id,
            year=self.year,
            waste_code=self.waste_code,
            planned_g=self.planned_g,
            revision=revision,
            withdrawn=self.withdrawn,
        )


class ApprovalBody(Body):
    """The authority's approval of a transfer across provinces, for 12 months at the most."""

    approval_id: OpaqueId
    consignor_id: OpaqueId
    receiver_id: OpaqueId
    codes: Codes
    limit_g: YearGrams
    valid_from: Day
    valid_to: Day
    withdrawn: bool = False

    def made(self, revision: int) -> Approval:
        """Return the approval, or raise `Invalid` (permit.period, approval.too_long)."""
        check_period(self.valid_from, self.valid_to)
        return check_approval(
            Approval(
                approval_id=self.approval_id,
                consignor_id=self.consignor_id,
                receiver_id=self.receiver_id,
                codes=tuple(self.codes),
                limit_g=self.limit_g,
                valid_from=self.valid_from,
                valid_to=self.valid_to,
                revision=revision,
                withdrawn=self.withdrawn,
            )
        )


class CodeBody(Body):
    """A party's security code, for other parties' devices."""

    security_code: SecurityDigits = Field(repr=False)


class RecordView(View):
    """A record of the registry and its revision."""

    record_id: str
    revision: int


class PartyView(View):
    """A party."""

    party_id: str
    division_code: str
    name: str | None
    revision: int


class CodeView(View):
    """That a code is set, and since when."""

    party_id: str
    set_at: datetime


@dataclass(frozen=True, slots=True)
class RegistryOffice:
    """What the API of the registry works with. `new_code` hashes a code, `fingerprint` too."""

    parties: MongoParties
    codes: Aggregates[SecurityCode]
    new_code: Callable[[str, str, datetime], SecurityCode]
    fingerprint: Callable[[str, str], str]
    clock: Clock


def registry_router(office: RegistryOffice) -> APIRouter:
    """Return the operator's routes."""
    router = APIRouter(prefix="/v1", tags=["registry"])
    kept = office.parties

    @router.post("/parties", response_model=RecordView)
    def put_party(body: PartyBody, call: OperatorCall) -> Response:
        request: Request[Party] = call.request(200, _record)
        stored = put(kept.parties, body.party_id, body.made, request=request)
        kept.name(body.party_id, body.name)
        return call.respond(stored)

    @router.get("/parties/{party_id}")
    def get_party(party_id: OpaqueId, _caller: Watcher) -> PartyView:
        party = kept.party(party_id)
        return PartyView(
            party_id=party.party_id,
            division_code=party.division_code,
            name=kept.names([party_id]).get(party_id),
            revision=party.revision,
        )

    @router.post("/licences", response_model=RecordView)
    def put_licence(body: LicenceBody, call: OperatorCall) -> Response:
        kept.party(body.party_id)
        request: Request[Licence] = call.request(200, _record)
        return call.respond(put(kept.licences, body.licence_id, body.made, request=request))

    @router.post("/plan-lines", response_model=RecordView)
    def put_plan_line(body: PlanLineBody, call: OperatorCall) -> Response:
        kept.party(body.consignor_id)
        request: Request[PlanLine] = call.request(200, _record)
        return call.respond(put(kept.plan_lines, body.plan_line_id, body.made, request=request))

    @router.post("/approvals", response_model=RecordView)
    def put_approval(body: ApprovalBody, call: OperatorCall) -> Response:
        for party_id in (body.consignor_id, body.receiver_id):
            kept.party(party_id)
        request: Request[Approval] = call.request(200, _record)
        return call.respond(put(kept.approvals, body.approval_id, body.made, request=request))

    return router


def code_router(office: RegistryOffice) -> APIRouter:
    """Return the route by which a party sets its security code, and so unlocks it."""
    router = APIRouter(prefix="/v1", tags=["signatures"])

    @router.post("/security-code", response_model=CodeView)
    def set_code(body: CodeBody, call: CompanyCall) -> Response:
        party_id = call.caller.subject
        office.parties.party(party_id)
        made = office.new_code(party_id, body.security_code, office.clock.now())
        # A fast hash of the body would give the code away, so that a slow one tells repeats.
        told = office.fingerprint(body.security_code, call.scope)
        request = replace(call.request(200, _code), body_sha256=told)
        return call.respond(_set(office.codes, made, request))

    return router


def _set(
    codes: Aggregates[SecurityCode], made: SecurityCode, request: Request[SecurityCode]
) -> Stored[SecurityCode]:
    try:
        return codes.change(made.party_id, lambda _held: Decision(made), request=request)
    except NotFound:
        return codes.create(made.party_id, Decision(made), request=request)


def _record(stored: Stored[R]) -> RecordView:
    return RecordView(record_id=stored.id, revision=stored.state.revision)


def _code(stored: Stored[SecurityCode]) -> CodeView:
    return CodeView(party_id=stored.id, set_at=stored.state.set_at)

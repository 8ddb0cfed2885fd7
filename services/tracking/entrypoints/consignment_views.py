"""What the API of consignments gives. Parties are ids."""

from datetime import datetime

from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_fields import Verification
from services.tracking.entrypoints.consignment_part_views import (
    AlarmView,
    CarrierView,
    ItemView,
    LegView,
    ReceptionView,
    RegistrationView,
    SignatureView,
    SiteView,
    carriers_view,
    items_view,
    leg_view,
    proposed_view,
    reception_view,
    registration_view,
    signature_view,
    site_view,
)
from shared.http.body import View
from shared.kernel.aggregate import Stored


class ConsignmentView(View):
    """A consignment, as each of its parties sees it."""

    consignment_id: str
    number: str | None
    state: str
    purpose: str
    parent_id: str | None
    parent_number: str | None
    consignor: SiteView
    receiver: SiteView
    broker: SiteView | None
    alternate: SiteView | None
    heading: str
    destination: SiteView
    approval_id: str | None
    carriers: list[CarrierView]
    proposed_carrier: CarrierView | None
    containers: list[ItemView]
    net_g: int
    origin_place: str
    destination_place: str
    treatment_code: str
    expected_arrival_at: datetime
    expected_at: datetime | None
    created_at: datetime
    sealed_at: datetime | None
    signatures: list[SignatureView]
    receptions: list[ReceptionView]
    registration: RegistrationView
    ended_because: str | None
    alarms: list[AlarmView]
    flags: list[str]
    legs: list[LegView]


class VerificationView(View):
    """What computing the chain again says; `ordinal` is the first signature that is wrong."""

    valid: bool
    signatures: int
    head_sha256: str | None
    ordinal: int | None
    code: str | None


def consignment_view(stored: Stored[Consignment]) -> ConsignmentView:
    """Return the view of a consignment."""
    held, manifest = stored.state, stored.state.manifest
    return ConsignmentView(
        consignment_id=held.consignment_id,
        number=held.number,
        state=held.state.value,
        purpose=held.purpose.value,
        parent_id=held.parent.consignment_id if held.parent else None,
        parent_number=held.parent.number if held.parent else None,
        consignor=site_view(manifest.consignor),
        receiver=site_view(manifest.receiver),
        broker=site_view(manifest.broker) if manifest.broker else None,
        alternate=site_view(manifest.alternate) if manifest.alternate else None,
        heading=held.heading.value,
        destination=site_view(held.destination),
        approval_id=held.approval_id,
        carriers=carriers_view(held),
        proposed_carrier=proposed_view(held),
        containers=items_view(held),
        net_g=manifest.net_g,
        origin_place=manifest.origin_place,
        destination_place=manifest.destination_place,
        treatment_code=manifest.treatment_code,
        expected_arrival_at=manifest.expected_arrival_at,
        expected_at=held.expected_at,
        created_at=held.created_at,
        sealed_at=held.sealed_at,
        signatures=[signature_view(each) for each in held.signatures],
        receptions=[reception_view(each) for each in held.receptions],
        registration=registration_view(held),
        ended_because=held.ended_because,
        alarms=[AlarmView(code=a.code, about=a.about, raised_at=a.at) for a in held.alarms],
        flags=list(held.flags),
        legs=[leg_view(each) for each in held.legs],
    )


def verification_view(found: Verification) -> VerificationView:
    """Return the view of a verification."""
    return VerificationView.model_validate(found, from_attributes=True)

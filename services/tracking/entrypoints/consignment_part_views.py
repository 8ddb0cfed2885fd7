"""The parts of a consignment that the API gives. Parties are ids."""

from dataclasses import asdict
from datetime import date, datetime

from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_legs import LegVerdict
from services.tracking.domain.consignment_reception import Reception
from services.tracking.domain.manifest import Content, Party
from services.tracking.domain.signatures import Signature
from shared.http.body import View


class SiteView(View):
    """A party with its division."""

    party_id: str
    division_code: str


class CarrierView(View):
    """A carrier's part of the way; `has_signed` once it took the load over."""

    carrier_id: str
    vehicle_id: str
    trip_id: str
    planned_at: datetime
    unplanned: bool
    has_signed: bool
    vehicle_facts: list[str]


class ContentView(View):
    """Grams of one material in a container."""

    material: str
    waste_code: str | None
    un_number: str | None
    mass_g: int
    traits: list[str]


class ItemView(View):
    """A container as it was drafted. `contents` has each material in it, one at least.

    `condition`: the worst that collection recorded of its lots; null where nobody said anything.
    """

    container: str
    material: str
    waste_code: str | None
    un_number: str | None
    net_g: int
    packaging: str
    form: str
    traits: list[str]
    contents: list[ContentView]
    condition: str | None


class SeenView(View):
    """A version of a permit that was checked."""

    party_id: str
    permit_id: str
    revision: int


class SignatureView(View):
    """A link of the chain. `withdrawn`: loading was refused after it."""

    ordinal: int
    stage: str
    party_id: str
    method: str
    device_of: str
    signed_at: datetime
    recorded_at: datetime
    place_id: str
    seen: list[SeenView]
    withdrawn: bool
    content_sha256: str
    previous_sha256: str
    sha256: str


class VerdictView(View):
    """One container's verdict."""

    container: str
    accepted: bool
    received_g: int
    reason: str | None


class LegView(View):
    """What the law asked of a material on a leg, under the rules of that day; `table` names them.

    `rulings` say which rule gave each answer: question, answer, rule.
    """

    leg: int
    material: str
    waste_code: str | None
    un_number: str | None
    holder: str
    condition: str
    central_store: bool
    on: date
    table: str
    rulings: list[tuple[str, str, str]]


class ReceptionView(View):
    """A reception, or the receipt of a return; accepted_g = received_g - refused_g."""

    receiver_id: str
    place_id: str
    received_at: datetime
    outcome: str
    verdicts: list[VerdictView]
    received_g: int
    refused_g: int
    accepted_g: int
    child_id: str | None
    child_number: str | None


class AlarmView(View):
    """Something that a person must look at."""

    code: str
    about: str
    raised_at: datetime


class RegistrationView(View):
    """What the national registry knows, and whether it runs on paper until `paper_due_at`."""

    registered_at: datetime | None
    receipt_id: str | None
    pending: bool
    refused: str | None
    on_paper: bool
    paper_due_at: datetime | None
    backfilled_at: datetime | None


def site_view(party: Party) -> SiteView:
    """Return the view of a party with its division."""
    return SiteView.model_validate(party, from_attributes=True)


def carriers_view(held: Consignment) -> list[CarrierView]:
    """Return the view of the carriers in order."""
    return [
        CarrierView(
            carrier_id=carrier.carrier_id,
            vehicle_id=carrier.vehicle_id,
            trip_id=carrier.trip_id,
            planned_at=carrier.planned_at,
            unplanned=carrier.unplanned,
            has_signed=place < held.taken,
            vehicle_facts=list(carrier.vehicle_facts),
        )
        for place, carrier in enumerate(held.manifest.carriers)
    ]


def proposed_view(held: Consignment) -> CarrierView | None:
    """Return the view of the carrier that waits for approval."""
    if held.breakdown is None:
        return None
    carrier = held.breakdown.carrier
    return CarrierView(
        carrier_id=carrier.carrier_id,
        vehicle_id=carrier.vehicle_id,
        trip_id=carrier.trip_id,
        planned_at=carrier.planned_at,
        unplanned=True,
        has_signed=False,
        vehicle_facts=list(carrier.vehicle_facts),
    )


def items_view(held: Consignment) -> list[ItemView]:
    """Return the view of the containers."""
    return [
        ItemView(
            container=item.tag,
            material=item.material,
            waste_code=item.waste_code,
            un_number=item.un_number,
            net_g=item.net_g,
            packaging=item.packaging,
            form=item.form,
            traits=list(item.traits),
            contents=[ContentView.model_validate(_content(each)) for each in item.parts],
            condition=item.condition,
        )
        for item in held.manifest.containers
    ]


def _content(part: Content) -> dict[str, object]:
    return {**asdict(part), "traits": list(part.traits)}


def signature_view(held: Signature) -> SignatureView:
    """Return the view of a link of the chain."""
    signing = held.signing
    return SignatureView(
        ordinal=held.ordinal,
        stage=held.stage.value,
        party_id=signing.party_id,
        method=signing.method.value,
        device_of=signing.device_of,
        signed_at=signing.signed_at,
        recorded_at=signing.recorded_at,
        place_id=signing.place_id,
        seen=[SeenView.model_validate(each, from_attributes=True) for each in held.seen],
        withdrawn=not held.stands,
        content_sha256=held.content_sha256,
        previous_sha256=held.previous_sha256,
        sha256=held.sha256,
    )


def reception_view(held: Reception) -> ReceptionView:
    """Return the view of a reception."""
    return ReceptionView(
        receiver_id=held.receiver_id,
        place_id=held.place_id,
        received_at=held.at,
        outcome=held.outcome,
        verdicts=[
            VerdictView(
                container=each.tag,
                accepted=each.accepted,
                received_g=each.received_g,
                reason=each.reason,
            )
            for each in held.verdicts
        ],
        received_g=held.received_g,
        refused_g=held.refused_g,
        accepted_g=held.accepted_g,
        child_id=held.child_id,
        child_number=held.child_number,
    )


def registration_view(held: Consignment) -> RegistrationView:
    """Return the view of what the registry knows."""
    registration, paper = held.registration, held.registration.paper
    return RegistrationView(
        registered_at=registration.registered_at,
        receipt_id=registration.receipt_id,
        pending=registration.pending,
        refused=registration.refused,
        on_paper=paper is not None,
        paper_due_at=paper.due_at if paper else None,
        backfilled_at=paper.backfilled_at if paper else None,
    )


def leg_view(held: LegVerdict) -> LegView:
    """Return the view of a verdict on a leg."""
    verdict, facts = held.verdict, held.verdict.facts
    return LegView(
        leg=held.leg,
        material=facts.material,
        waste_code=facts.waste_code,
        un_number=facts.un_number,
        holder=facts.holder,
        condition=facts.condition,
        central_store=facts.place.central_store,
        on=verdict.on,
        table=verdict.table,
        rulings=[(each.question, each.answer, each.rule) for each in verdict.rulings],
    )

"""Drafting, sealing and cancelling, by the consignor."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from services.tracking.application.consignment_claiming import NumberWish, Plan, decided
from services.tracking.application.consignment_desk import (
    Actor,
    ConsignmentDesk,
    expect_role,
    visible,
)
from services.tracking.domain import consignment_drafting as drafting
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.manifest import Carrier, ContainerItem, Manifest, Party
from services.tracking.domain.numbers import Owner, series_of
from shared.kernel.aggregate import Decision, Request, Stored


@dataclass(frozen=True, slots=True)
class Content:
    """What a consignor writes: parties and containers by id, each looked up when it is drafted."""

    receiver_id: str
    tags: tuple[str, ...]
    carriers: tuple[Carrier, ...]
    origin_place: str
    destination_place: str
    expected_arrival_at: datetime
    treatment_code: str
    broker_id: str | None = None
    alternate_id: str | None = None
    approval_id: str | None = None


def draft_consignment(
    consignment_id: str,
    content: Content,
    *,
    actor: Actor,
    desk: ConsignmentDesk,
    request: Request[Consignment],
) -> Stored[Consignment]:
    """Draft, with a frozen snapshot of each container.

    Raises `NotFound` (party.not_found, container.not_found) and `Conflict` (container.not_sealed,
    container.other_party, place.no_operating_party, container.not_at_place).
    """
    consignor = desk.parties.party(actor.party_id)
    items = desk.containers.items(content.tags, consignor_id=consignor.party_id)
    manifest = _manifest(content, consignor, items=items, desk=desk)
    drafted = drafting.draft(consignment_id, manifest, now=desk.clock.now())
    return desk.consignments.create(consignment_id, drafted, request=request)


def amend_consignment(
    consignment_id: str,
    content: Content,
    *,
    actor: Actor,
    desk: ConsignmentDesk,
    request: Request[Consignment],
    expected_version: int | None,
) -> Stored[Consignment]:
    """Replace the content, as far as no signature froze it; sealed containers stay as they were."""
    present = _own(consignment_id, actor, desk=desk, request=request)
    if present.answer is not None:
        return present
    before = present.state
    known = {item.tag: item for item in before.manifest.containers}
    if before.number is not None and set(content.tags) == set(known):
        items: Collection[ContainerItem] = [known[tag] for tag in before.manifest.tags]
    else:
        items = desk.containers.items(content.tags, consignor_id=actor.party_id)
    manifest = _manifest(content, before.manifest.consignor, items=items, desk=desk)

    def decide(held: Consignment) -> Decision[Consignment]:
        return drafting.amend(held, manifest, rules=desk.rules, now=desk.clock.now())

    return desk.consignments.change(
        consignment_id, decide, request=request, expected_version=expected_version
    )


def seal_consignment(
    consignment_id: str,
    *,
    number: str | None,
    sealed_at: datetime | None,
    actor: Actor,
    desk: ConsignmentDesk,
    request: Request[Consignment],
) -> Stored[Consignment]:
    """Seal: containers, trips and the number are held, then the consignment decides.

    `number` is one of an offline block, `sealed_at` when it was used. Raises `Conflict`
    (tracking.container_reserved,
    container.changed, trip.taken, numbers.exhausted, numbers.taken, …).
    """
    _own(consignment_id, actor, desk=desk)
    now = desk.clock.now()
    at = sealed_at or now
    drafting.check_fact_time(at, now=now, skew=desk.rules.deadlines.clock_skew)

    def decide(
        held: Consignment, claims: tuple[Claim, ...], *, is_central: bool
    ) -> Decision[Consignment]:
        known = replace(held, from_central_store=is_central)
        return drafting.seal(known, claims, sealed_at=at, rules=desk.rules)

    def planned(present: Stored[Consignment], hold_id: str) -> Plan:
        drafting.check_sealable(present.state)
        manifest = present.state.manifest
        desk.containers.items(manifest.tags, consignor_id=manifest.consignor.party_id)
        is_central = bool(desk.containers.central_stores([manifest.origin_place]))
        owner = Owner(manifest.consignor.party_id, series_of(manifest.consignor.city_code, at))
        return Plan(
            partial(decide, is_central=is_central),
            _claims(manifest, hold_id),
            NumberWish(owner, number),
        )

    return decided(consignment_id, planned, desk=desk, request=request)


def cancel_consignment(
    consignment_id: str,
    reason: str,
    *,
    actor: Actor,
    desk: ConsignmentDesk,
    request: Request[Consignment],
) -> Stored[Consignment]:
    """Cancel before the first carrier signs; what it claimed is given up by what follows."""
    _own(consignment_id, actor, desk=desk)

    def decide(held: Consignment, _claims: tuple[Claim, ...]) -> Decision[Consignment]:
        return drafting.cancel(held, reason, rules=desk.rules, now=desk.clock.now())

    return decided(consignment_id, lambda _present, _hold: Plan(decide), desk=desk, request=request)


def _own(
    consignment_id: str,
    actor: Actor,
    *,
    desk: ConsignmentDesk,
    request: Request[Consignment] | None = None,
) -> Stored[Consignment]:
    held = visible(consignment_id, actor, desk=desk, request=request)
    expect_role(actor, held.state.manifest.consignor.party_id)
    return held


def _claims(manifest: Manifest, hold_id: str) -> tuple[Claim, ...]:
    containers = [
        Claim(
            Kind.CONTAINER,
            item.tag,
            hold_id,
            mass_g=item.net_g,
            content=item.amounts,
            condition=item.condition,
        )
        for item in manifest.containers
    ]
    trips = [Claim(Kind.TRIP, key, hold_id) for key in dict.fromkeys(manifest.trip_keys())]
    return (*containers, *trips)


def _manifest(
    content: Content,
    consignor: Party,
    *,
    items: Collection[ContainerItem],
    desk: ConsignmentDesk,
) -> Manifest:
    def party(party_id: str | None) -> Party | None:
        return None if party_id is None else desk.parties.party(party_id)

    for carrier in content.carriers:
        desk.parties.party(carrier.carrier_id)
    return Manifest(
        consignor=consignor,
        receiver=desk.parties.party(content.receiver_id),
        carriers=content.carriers,
        containers=tuple(items),
        origin_place=content.origin_place,
        destination_place=content.destination_place,
        expected_arrival_at=content.expected_arrival_at,
        treatment_code=content.treatment_code,
        broker=party(content.broker_id),
        alternate=party(content.alternate_id),
        approval_id=content.approval_id,
    )

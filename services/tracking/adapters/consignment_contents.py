"""Parts of consignments' events: the manifest's content and the verdicts, to and from contracts."""

from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_reception import Child, Reception
from services.tracking.domain.manifest import (
    Carrier,
    ContainerItem,
    Content,
    Manifest,
    Party,
    Purpose,
)
from shared.contracts import manifest as contract


def content_of(manifest: Manifest, purpose: Purpose) -> contract.ManifestContent:
    """Return a manifest's content."""
    return contract.ManifestContent(
        purpose=purpose.value,
        consignor=_site(manifest.consignor),
        receiver=_site(manifest.receiver),
        broker=_site(manifest.broker) if manifest.broker else None,
        alternate=_site(manifest.alternate) if manifest.alternate else None,
        approval_id=manifest.approval_id,
        carriers=tuple(leg_of(carrier) for carrier in manifest.carriers),
        containers=container_lines(manifest.containers),
        net_g=manifest.net_g,
        origin_place=manifest.origin_place,
        destination_place=manifest.destination_place,
        treatment_code=manifest.treatment_code,
        expected_arrival_at=manifest.expected_arrival_at,
    )


def manifest_of(content: contract.ManifestContent) -> Manifest:
    """Return the manifest of a published content."""
    return Manifest(
        consignor=_party(content.consignor),
        receiver=_party(content.receiver),
        carriers=tuple(_carrier(leg) for leg in content.carriers),
        containers=tuple(_item(line) for line in content.containers),
        origin_place=content.origin_place,
        destination_place=content.destination_place,
        expected_arrival_at=content.expected_arrival_at,
        treatment_code=content.treatment_code,
        broker=_party(content.broker) if content.broker else None,
        alternate=_party(content.alternate) if content.alternate else None,
        approval_id=content.approval_id,
    )


def leg_of(carrier: Carrier) -> contract.CarrierLeg:
    """Return one carrier's part of the way."""
    return contract.CarrierLeg(
        carrier_id=carrier.carrier_id,
        vehicle_id=carrier.vehicle_id,
        trip_id=carrier.trip_id,
        planned_at=carrier.planned_at,
        unplanned=carrier.unplanned,
        vehicle_facts=carrier.vehicle_facts,
    )


def container_lines(items: tuple[ContainerItem, ...]) -> tuple[contract.ContainerLine, ...]:
    """Return containers as they were declared."""
    return tuple(
        contract.ContainerLine(
            container_id=item.tag,
            material=item.material,
            waste_code=item.waste_code,
            un_number=item.un_number,
            net_g=item.net_g,
            packaging=item.packaging,
            form=item.form,
            traits=item.traits,
            contents=tuple(_content_line(each) for each in item.contents),
            condition=item.condition,
        )
        for item in items
    )


def verdict_lines(reception: Reception, manifest: Manifest) -> tuple[contract.VerdictLine, ...]:
    """Return the verdicts with what was declared."""
    declared = {item.tag: item for item in manifest.containers}
    return tuple(
        contract.VerdictLine(
            container_id=verdict.tag,
            material=declared[verdict.tag].material,
            waste_code=declared[verdict.tag].waste_code,
            net_g=declared[verdict.tag].net_g,
            received_g=verdict.received_g,
            accepted=verdict.accepted,
            reason=verdict.reason,
        )
        for verdict in reception.verdicts
    )


def child_manifest_of(child: Child | None) -> contract.ChildManifest | None:
    """Return the child manifest of a partial refusal."""
    if child is None:
        return None
    return contract.ChildManifest(
        consignment_id=child.consignment_id,
        number=child.number,
        content=content_of(child.manifest, child.purpose),
    )


def child_of(published: contract.ChildManifest) -> Child:
    """Return the child of a published decision."""
    return Child(
        published.consignment_id,
        published.number,
        Purpose(published.content.purpose),
        manifest_of(published.content),
    )


def number_of(held: Consignment) -> str:
    """Return the number; an event of an unsealed consignment is a bug."""
    if held.number is None:
        raise AssertionError("only a sealed consignment is announced")
    return held.number


def _site(party: Party) -> contract.Site:
    return contract.Site(party_id=party.party_id, division_code=party.division_code)


def _party(site: contract.Site) -> Party:
    return Party(site.party_id, site.division_code)


def _carrier(leg: contract.CarrierLeg) -> Carrier:
    return Carrier(
        carrier_id=leg.carrier_id,
        vehicle_id=leg.vehicle_id,
        trip_id=leg.trip_id,
        planned_at=leg.planned_at,
        unplanned=leg.unplanned,
        vehicle_facts=leg.vehicle_facts,
    )


def _item(line: contract.ContainerLine) -> ContainerItem:
    return ContainerItem(
        tag=line.container_id,
        material=line.material,
        waste_code=line.waste_code,
        un_number=line.un_number,
        net_g=line.net_g,
        packaging=line.packaging,
        form=line.form,
        traits=line.traits,
        contents=tuple(_content(each) for each in line.contents),
        condition=line.condition,
    )


def _content_line(part: Content) -> contract.ContentLine:
    return contract.ContentLine(
        material=part.material,
        waste_code=part.waste_code,
        un_number=part.un_number,
        mass_g=part.mass_g,
        traits=part.traits,
    )


def _content(line: contract.ContentLine) -> Content:
    return Content(line.material, line.waste_code, line.un_number, line.mass_g, line.traits)

"""Manifests' lines in the registers: what containers did on a consignment's way, on its paper.

A container's movement on the way of a consignment is a line of its manifest and of nothing else.
The grams are the ledger's: of incoming those that a receiver took in or a consignor had back, of
outgoing those that parties got, of transported those that each carrier loaded and unloaded. What
was refused moved nowhere: its line has no grams of its own, only what was refused.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from services.tracking.domain.amounts import shared_out
from services.tracking.domain.consignment import CARRIER_STAGES, Consignment
from services.tracking.domain.consignment_reception import Reception, Verdict
from services.tracking.domain.manifest import Carrier, ContainerItem, Party
from services.tracking.domain.register import Kind
from services.tracking.domain.register_lines import CONCERNS, Concern, Line, Paper, lines_of
from shared.kernel.ledger import Entry

MANIFEST = "manifest"
MOVED = "moved"
ACCEPTED, REFUSED, RETURNED = "accepted", "refused", "returned"
VEHICLE = "vehicle/"
# Who takes a load in: a receiver, or the place where the consignor has it back.
MANIFEST_CONCERNS: Mapping[Kind, Concern] = MappingProxyType(
    {**CONCERNS, Kind.INCOMING: Concern(("party/", "place/"), 1)}
)


@dataclass(frozen=True, slots=True)
class Told:
    """One movement of a container: its entry, and what happened (`moved`, `received`, …)."""

    tag: str
    act: str
    entry: Entry
    at: datetime


def manifest_lines(kind: Kind, told: Told, held: Consignment) -> Iterator[Line]:
    """Return the lines of a movement on a consignment's way, by account and material."""
    if kind is Kind.INCOMING and _is_loaded(told.entry):
        return  # what leaves a place again did not come in
    paper = Paper(MANIFEST, held.number or "", act=told.act)
    concern = MANIFEST_CONCERNS[kind]
    for line in lines_of(kind, told.entry, paper, at=told.at, concern=concern):
        yield _of_movement(line, kind, told, held)


def refusal_lines(kind: Kind, held: Consignment, number: int, *, tag: str) -> Iterator[Line]:
    """Return the lines of a container that a reception, counted from 0, refused.

    They move no gram.
    """
    reception = held.receptions[number]
    item, verdict = _item(held, tag), _verdict(reception, tag)
    assert item is not None, "only a manifest's containers are refused"
    assert verdict is not None, "each container has a verdict"
    for place, part in enumerate(item.parts):
        line = Line(
            line_id=f"{held.consignment_id}/{number:03d}/{tag}/{place:03d}",
            at=reception.at,
            document_type=MANIFEST,
            document_id=held.number or "",
            act=REFUSED,
            material=part.material,
            mass_g=0,
            place_id=_place(kind, held, reception),
            container_tags=(tag,),
        )
        yield _of(_weighed(line, item, verdict), kind, held, reception)


def _of_movement(line: Line, kind: Kind, told: Told, held: Consignment) -> Line:
    reception = _accepting(held, told.tag) if _is_arrival(line) else None
    item = _item(held, told.tag)
    verdict = _verdict(reception, told.tag)
    shown = replace(
        line,
        container_tags=(told.tag,),
        place_id=line.place_id or _place(kind, held, reception),
    )
    if kind is Kind.TRANSPORTED:
        verdict = None  # a carrier hands on what was sent; it weighs nothing
    is_weighed = line.mass_g > 0 if kind is Kind.TRANSPORTED else verdict is not None
    if item is not None and told.act == MOVED and is_weighed:
        shown = _weighed(shown, item, verdict)
    elif item is not None:
        shown = _coded(shown, item)
    return _of(shown, kind, held, reception)


def _of(line: Line, kind: Kind, held: Consignment, reception: Reception | None) -> Line:
    """Return the line with parties, division, carrier and verdict."""
    at_gate = reception is not None and kind is not Kind.OUTGOING
    party = _site(held, reception.receiver_id) if reception and at_gate else None
    carrier, taken_over_at = _leg(line, held)
    return replace(
        line,
        division=(party or held.manifest.consignor).division_code,
        consignor_id=held.manifest.consignor.party_id,
        carrier_ids=tuple(each.carrier_id for each in held.manifest.carriers),
        receiver_id=(reception.receiver_id if reception else held.manifest.receiver.party_id),
        vehicle_id=line.vehicle_id or (carrier.vehicle_id if carrier else ""),
        carrier_id=carrier.carrier_id if carrier else "",
        taken_over_at=taken_over_at,
        verdict=_said(line, held, reception),
        received_at=reception.at if reception else None,
        sealed_at=held.sealed_at,
    )


def _weighed(line: Line, item: ContainerItem, verdict: Verdict | None) -> Line:
    """Return the line with what was declared of its material, and what the receiver weighed."""
    sent = {part.material: part.mass_g for part in item.amounts}
    coded = replace(_coded(line, item), sent_g=sent.get(line.material))
    if verdict is None or line.material not in sent:
        return coded
    weighed = shared_out(verdict.received_g, item.amounts, otherwise=item.material)
    shares = {each.material: each.mass_g for each in weighed}
    received_g = shares.get(line.material, 0)
    return replace(coded, received_g=received_g, refused_g=0 if verdict.accepted else received_g)


def _coded(line: Line, item: ContainerItem) -> Line:
    """Return the line with the codes that the manifest froze for its material, if it did."""
    part = next((each for each in item.parts if each.material == line.material), None)
    if part is None:
        return line
    return replace(line, waste_code=part.waste_code or "", un_number=part.un_number or "")


def _item(held: Consignment, tag: str) -> ContainerItem | None:
    return next((each for each in held.manifest.containers if each.tag == tag), None)


def _accepting(held: Consignment, tag: str) -> Reception | None:
    """Return the reception at which a container stayed."""
    return next((each for each in held.receptions if _stays(each, tag)), None)


def _stays(reception: Reception, tag: str) -> bool:
    return any(each.tag == tag and each.accepted for each in reception.verdicts)


def _verdict(reception: Reception | None, tag: str) -> Verdict | None:
    verdicts = reception.verdicts if reception else ()
    return next((each for each in verdicts if each.tag == tag), None)


def _said(line: Line, held: Consignment, reception: Reception | None) -> str:
    if reception is None:
        return ""
    if line.act == REFUSED:
        return REFUSED
    return RETURNED if held.is_return else ACCEPTED


def _place(kind: Kind, held: Consignment, reception: Reception | None) -> str:
    """Return where it was: at the gate of who took it in, else where it set out."""
    at_gate = reception is not None and kind is not Kind.OUTGOING
    return reception.place_id if reception and at_gate else held.manifest.origin_place


def _site(held: Consignment, party_id: str) -> Party | None:
    """Return a party with the division that it had when the manifest named it."""
    manifest = held.manifest
    named = (manifest.receiver, *(each.party for each in held.diversions), manifest.consignor)
    return next((each for each in reversed(named) if each.party_id == party_id), None)


def _leg(line: Line, held: Consignment) -> tuple[Carrier | None, datetime | None]:
    """Return whose part of the way a line is, and since when: who had signed last by then.

    Devices' clocks differ: where nobody had signed by then, it is who signed last at all.
    """
    stages = (each for each in held.signatures if each.stands and each.stage in CARRIER_STAGES)
    signed = (each.signing.signed_at for each in stages)
    legs = list(zip(held.manifest.carriers, signed, strict=False))
    if line.vehicle_id:
        legs = [leg for leg in legs if leg[0].vehicle_id == line.vehicle_id]
    before = [leg for leg in legs if leg[1] <= line.at]
    return next(iter([*reversed(before), *reversed(legs)]), (None, None))


def _is_arrival(line: Line) -> bool:
    """Say whether a vehicle has the container no more: somebody took it in."""
    return not line.to_holder.startswith((VEHICLE, "loss/"))


def _is_loaded(entry: Entry) -> bool:
    return any(each.amount > 0 and each.account.startswith(VEHICLE) for each in entry.postings)

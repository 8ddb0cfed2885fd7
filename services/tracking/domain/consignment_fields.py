"""The fields of the sealing table, as values that can be compared and hashed.

A field's value is as it was at a signature: of carriers and receptions only those that had signed
by then. None is a field that is not there (yet).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from services.tracking.domain.consignment import (
    CARRIER_STAGES,
    RECEIVER_STAGES,
    Consignment,
)
from services.tracking.domain.consignment_reception import Reception
from services.tracking.domain.manifest import (
    Carrier,
    ContainerItem,
    Content,
    Manifest,
    Party,
    Purpose,
)
from services.tracking.domain.sealing import SealingTable
from services.tracking.domain.signatures import (
    Json,
    Signature,
    Stage,
    canonical,
    chain_fault,
    instant_text,
    sha256_of,
)

NOT_NEEDED = "not-needed"
Value = Callable[[Consignment, int], Json]

# What a signature needs that is not part of the document: found out when it is given.
EVIDENCE = (
    "licences_of_all",
    "licence_of_signer",
    "licence_of_destination",
    "plan_line",
    "approval_in_force",
    "labels",
    "registration",
)


def documented(value: Callable[[Manifest], Json]) -> Value:
    """Return the value of a manifest's field."""
    return lambda held, _ordinal: value(held.manifest)


def _party(party: Party | None) -> Json:
    return None if party is None else [party.party_id, party.division_code]


def _approval(held: Consignment, _ordinal: int) -> Json:
    manifest = held.manifest
    crosses = needs_approval(manifest.consignor, manifest.receiver, manifest)
    if held.purpose is Purpose.RETURN or not crosses:
        return NOT_NEEDED
    return manifest.approval_id


def _container(item: ContainerItem) -> Json:
    """Return a container; what may be absent only where it is there, so that old hashes hold."""
    parts: list[Json] = [_content(each) for each in item.contents]
    return {
        **({"contents": parts} if parts else {}),
        **({"condition": item.condition} if item.condition else {}),
        "tag": item.tag,
        "material": item.material,
        "waste_code": item.waste_code,
        "un_number": item.un_number,
        "net_g": item.net_g,
        "packaging": item.packaging,
        "form": item.form,
        "traits": list(item.traits),
    }


def _content(part: Content) -> Json:
    return {
        "material": part.material,
        "waste_code": part.waste_code,
        "un_number": part.un_number,
        "mass_g": part.mass_g,
        "traits": list(part.traits),
    }


def _carrier(carrier: Carrier) -> Json:
    facts: list[Json] = [*carrier.vehicle_facts]
    return {
        **({"vehicle_facts": facts} if facts else {}),
        "carrier_id": carrier.carrier_id,
        "vehicle_id": carrier.vehicle_id,
        "trip_id": carrier.trip_id,
        "planned_at": instant_text(carrier.planned_at),
        "unplanned": carrier.unplanned,
    }


def _reception(reception: Reception) -> Json:
    return {
        "receiver_id": reception.receiver_id,
        "place_id": reception.place_id,
        "at": instant_text(reception.at),
        "child_number": reception.child_number,
        "verdicts": [
            {
                "tag": each.tag,
                "accepted": each.accepted,
                "received_g": each.received_g,
                "reason": each.reason,
            }
            for each in reception.verdicts
        ],
    }


def _some(values: list[Json]) -> Json:
    return values or None


def _taken(held: Consignment, ordinal: int) -> Json:
    taken = sum(each.stage in CARRIER_STAGES for each in held.standing_at(ordinal))
    return _some([_carrier(each) for each in held.manifest.carriers[:taken]])


def _receptions(held: Consignment, ordinal: int) -> Json:
    signed = sum(each.stage in RECEIVER_STAGES for each in held.standing_at(ordinal))
    return _some([_reception(each) for each in held.receptions[:signed]])


def _diversions(held: Consignment, ordinal: int) -> Json:
    signed = sum(each.stage is Stage.REDIRECT for each in held.standing_at(ordinal))
    return _some([[_party(each.party), each.approval_id] for each in held.diversions[:signed]])


def _parent(held: Consignment, _ordinal: int) -> Json:
    return held.parent.number if held.parent else NOT_NEEDED


FIELDS: Mapping[str, Value] = {
    "number": lambda held, _ordinal: held.number,
    "purpose": lambda held, _ordinal: held.purpose.value,
    "parent_number": _parent,
    "consignor": documented(lambda manifest: _party(manifest.consignor)),
    "receiver": documented(lambda manifest: _party(manifest.receiver)),
    "containers": documented(lambda manifest: [_container(each) for each in manifest.containers]),
    "origin_place": documented(lambda manifest: manifest.origin_place),
    "destination_place": documented(lambda manifest: manifest.destination_place),
    "treatment_code": documented(lambda manifest: manifest.treatment_code),
    "broker": documented(lambda manifest: _party(manifest.broker)),
    "alternate": documented(lambda manifest: _party(manifest.alternate)),
    "approval": _approval,
    "planned_carriers": documented(lambda m: _some([_carrier(each) for each in m.carriers])),
    "expected_arrival_at": documented(lambda m: instant_text(m.expected_arrival_at)),
    "carriers": _taken,
    "diversions": _diversions,
    "receptions": _receptions,
}


@dataclass(frozen=True, slots=True)
class Verification:
    """What computing the chain again says. `ordinal` is the first signature that is wrong."""

    valid: bool
    signatures: int
    head_sha256: str | None
    ordinal: int | None = None
    code: str | None = None


def needs_approval(consignor: Party, receiver: Party, manifest: Manifest) -> bool:
    """Say whether a transfer crosses provinces with what the catalogue calls hazardous waste."""
    return bool(manifest.waste_codes()) and consignor.province != receiver.province


def value_of(field: str, held: Consignment, ordinal: int) -> Json:
    """Return a field's value as it was at a signature; of the next one where it is not given."""
    return FIELDS[field](held, ordinal)


def frozen_content(held: Consignment, ordinal: int, table: SealingTable) -> dict[str, Json]:
    """Return the fields that were frozen when a signature had been given, with their values."""
    fields = table.frozen(held.passed_at(ordinal))
    return {field: FIELDS[field](held, ordinal) for field in fields}


def document_of(held: Consignment) -> dict[str, Json]:
    """Return the whole document as it is now: all fields, state, and the signatures' hashes."""
    ordinal = len(held.signatures)
    fields = {field: value(held, ordinal) for field, value in FIELDS.items()}
    signatures: list[Json] = [each.sha256 for each in held.signatures]
    return {**fields, "state": held.state.value, "signatures": signatures}


def verify(held: Consignment, table: SealingTable) -> Verification:
    """Compute the chain and every content again."""
    head = held.signatures[-1].sha256 if held.signatures else None
    fault = chain_fault(held.signatures) or _content_fault(held, table)
    if fault is not None:
        return Verification(False, len(held.signatures), head, *fault)
    return Verification(True, len(held.signatures), head)


def _content_fault(held: Consignment, table: SealingTable) -> tuple[int, str] | None:
    for signature in held.signatures:
        if signature.stands and _content_sha256(held, signature, table) != signature.content_sha256:
            return signature.ordinal, "signature.content_changed"
    return None


def _content_sha256(held: Consignment, signature: Signature, table: SealingTable) -> str:
    return sha256_of(canonical(frozen_content(held, signature.ordinal, table)))

"""What happens on the way: refusals at loading, other carriers, breakdowns, the way back."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from services.tracking.domain.consignment import Arrival, Breakdown, Consignment, Heading
from services.tracking.domain.consignment_claims import Claim, Deed, Kind
from services.tracking.domain.consignment_custody import telling
from services.tracking.domain.consignment_drafting import check_fact_time, giving_up
from services.tracking.domain.consignment_events import (
    Arrived,
    BrokenDown,
    CarrierApproved,
    CarrierReplaced,
    LoadingRefused,
    TurnedBack,
)
from services.tracking.domain.consignment_fields import frozen_content
from services.tracking.domain.consignment_rules import Rules
from services.tracking.domain.consignment_signing import flagged
from services.tracking.domain.consignment_states import Act, State, after
from services.tracking.domain.manifest import Carrier, Manifest, trip_key
from services.tracking.domain.signatures import canonical
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Invalid


def refuse_loading(
    held: Consignment, carrier_id: str, reason: str, *, rules: Rules, now: datetime
) -> Decision[Consignment]:
    """The carrier does not load: back to sealed, without the consignor's signature.

    The reserved grams are freed; the next signature reserves anew.
    """
    state = after(held.state, Act.REFUSE_LOADING)
    _expect_turn(held.next_carrier, carrier_id)
    last = held.signatures[-1]
    content = canonical(frozen_content(held, last.ordinal, rules.table))
    withdrawn = (*held.signatures[:-1], replace(last, withdrawn_content=content))
    freed = giving_up(held, held.claims_of(Kind.GRAMS), "loading-refused")
    refused = replace(freed, state=state, signatures=withdrawn, waits_since=now)
    event = LoadingRefused(refused, carrier_id, reason, now)
    return rules.decided(held, refused, event, told=True)


def replace_carrier(
    held: Consignment,
    leg: int,
    carrier: Carrier,
    *,
    claims: Collection[Claim],
    rules: Rules,
    now: datetime,
) -> Decision[Consignment]:
    """Name another carrier for a part of the way, counted from 1, that nobody signed for."""
    state = after(held.state, Act.REPLACE_CARRIER)
    carriers = held.manifest.carriers
    if not 1 <= leg <= len(carriers):
        raise Invalid("consignment.no_such_leg", "the manifest names no such carrier")
    if leg <= held.taken:
        raise Conflict("consignment.carrier_signed", "this carrier has signed for the load")
    before = carriers[leg - 1]
    manifest = _with_carriers(held.manifest, (*carriers[: leg - 1], carrier, *carriers[leg:]))
    freed = giving_up(held, _trip_claims(held, manifest, before), "carrier-replaced")
    replaced = replace(freed, state=state, manifest=manifest, claims=(*freed.claims, *claims))
    return rules.decided(held, replaced, CarrierReplaced(replaced, leg, now), told=True)


def break_down(held: Consignment, breakdown: Breakdown, *, rules: Rules) -> Decision[Consignment]:
    """The carrier that has the load proposes another one; a second report replaces the first."""
    state = after(held.state, Act.BREAK_DOWN)
    _expect_turn(held.current_carrier, breakdown.reported_by)
    broken = replace(held, state=state, breakdown=breakdown)
    return rules.decided(held, broken, BrokenDown(broken, breakdown))


def approve_carrier(
    held: Consignment, *, claims: Collection[Claim], rules: Rules, now: datetime
) -> Decision[Consignment]:
    """The consignor approves the unplanned carrier: it is the next to sign."""
    state = after(held.state, Act.APPROVE)
    if held.breakdown is None:
        raise Conflict("consignment.no_breakdown", "no carrier waits for approval")
    unplanned = replace(held.breakdown.carrier, unplanned=True)
    carriers = held.manifest.carriers
    manifest = _with_carriers(
        held.manifest, (*carriers[: held.taken], unplanned, *carriers[held.taken :])
    )
    approved = replace(
        held,
        state=state,
        manifest=manifest,
        breakdown=None,
        expected_at=held.breakdown.expected_at,
        claims=(*held.claims, *claims),
    )
    return rules.decided(held, approved, CarrierApproved(approved, unplanned, now), told=True)


def turn_back(
    held: Consignment, reason: str, *, expected_at: datetime, rules: Rules, now: datetime
) -> Decision[Consignment]:
    """Order the load back to the consignor, once the first carrier has it: the only way out."""
    state = after(held.state, Act.TURN_BACK)
    if held.is_return:
        raise Conflict("consignment.returning", "it is on its way back already")
    turned = replace(held, state=state, heading=Heading.CONSIGNOR, expected_at=expected_at)
    return rules.decided(held, turned, TurnedBack(turned, reason, now), told=True)


def arrive(held: Consignment, arrival: Arrival, *, rules: Rules) -> Decision[Consignment]:
    """Record that the load is at a gate: a fact, also of one that was missing or lost."""
    state = after(held.state, Act.ARRIVE)
    _expect_turn(held.current_carrier, arrival.carrier_id)
    check_fact_time(arrival.at, now=arrival.recorded_at, skew=rules.deadlines.clock_skew)
    arrivals = (*held.arrivals, arrival)
    arrived = replace(held, state=state, arrivals=arrivals, breakdown=None, ended_because=None)
    arrived = flagged(arrived, *_flags_of(held, arrival))
    if held.state is State.LOST:
        arrived = telling(arrived, Deed.FIND, at=arrival.at)
    return rules.decided(held, arrived, Arrived(arrived, arrival, held.state), told=True)


def _flags_of(held: Consignment, arrival: Arrival) -> list[str]:
    flags = []
    expected = {
        Heading.RECEIVER: held.manifest.destination_place,
        Heading.CONSIGNOR: held.manifest.origin_place,
    }.get(held.heading)
    if expected is not None and arrival.place_id != expected:
        flags.append("arrival.other_place")
    if held.state is not State.IN_TRANSIT:
        flags.append(f"arrival.after_{held.state}")
    if held.next_carrier is not None and not held.is_return:
        flags.append("arrival.carrier_skipped")
    if held.breakdown is not None:
        flags.append("arrival.breakdown_open")
    return flags


def _trip_claims(held: Consignment, manifest: Manifest, before: Carrier) -> list[Claim]:
    """Return the claim on the trip of a carrier that no part of the way names any more."""
    key = trip_key(manifest.consignor.party_id, before)
    if key in manifest.trip_keys():
        return []
    return [claim for claim in held.claims_of(Kind.TRIP) if claim.key == key]


def _with_carriers(manifest: Manifest, carriers: tuple[Carrier, ...]) -> Manifest:
    return replace(manifest, carriers=carriers)


def _expect_turn(carrier: Carrier | None, carrier_id: str) -> None:
    if carrier is None or carrier.carrier_id != carrier_id:
        raise Conflict("signature.other_party", "it is another carrier's load")

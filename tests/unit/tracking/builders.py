"""Lots, containers, unloadings and what stands in for the world, for tracking's tests."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from services.tracking.adapters.announcements import announce
from services.tracking.domain.container import By, Container
from services.tracking.domain.exemptions import LegVehicle
from shared.contracts import pickup as contract
from shared.contracts import route
from shared.contracts.codec import RawRecord, decode, wire_headers
from shared.kernel.aggregate import Answer, Request
from shared.kernel.events import Event
from shared.kernel.ledger import balances
from shared.messaging.in_memory import InMemoryAggregates

COMMUNITY = "350102001001"
WEIGHED_AT = datetime(2026, 11, 24, 2, 15, tzinfo=UTC)
LATER = WEIGHED_AT + timedelta(hours=6)
PICKUP = "pickup-1"
VEHICLE = "vehicle-1"
FACILITY = "facility-1"
LEAD, LITHIUM = "lead-acid-batteries", "lithium-ion-batteries"
BOARDS, CRT = "circuit-boards", "crt-glass"
BY = By("operator", "operator-1")
# A vehicle of which the city has shown all but a licence for dangerous goods.
SORTING = LegVehicle(rain_proof=True, leak_proof=True, spill_proof=True, sorting_rules=True)


def container(tag="GL-1", material=LEAD, *, limit_g=1_000_000, **rest):
    codes = ("900-052-31", "UN2794")
    return Container(tag, "box-60l", material, *codes, 4_000, limit_g, WEIGHED_AT, **rest)


def lot(lot_id, mass_g, *, material="cardboard", tag=None, condition=None):
    return contract.Lot(
        lot_id=lot_id,
        material=material,
        grade="A",
        mass_g=mass_g,
        hazardous=material in (LEAD, LITHIUM, BOARDS, CRT),
        container_tag=tag,
        condition=condition,
    )


def history(*revisions, pickup_id=PICKUP):
    """The events of one pickup: the first list of lots is weighed, the others correct it."""
    who = {"pickup_id": pickup_id, "household_id": "household-1", "community_code": COMMUNITY}
    net_g = sum(each.mass_g for each in revisions[0])
    first = contract.PickupWeighed(
        **who,
        revision=1,
        vehicle_id=VEHICLE,
        collector_id="collector-1",
        scale_id="scale-1",
        gross_g=net_g,
        tare_g=0,
        net_g=net_g,
        lots=revisions[0],
        weighed_at=WEIGHED_AT,
    )
    corrections = [
        contract.PickupCorrected(
            **who,
            revision=number,
            vehicle_id=VEHICLE,
            lots_before=before,
            lots_after=after,
            weighed_at=WEIGHED_AT,
            corrected_at=LATER,
            reason="scale-misread",
        )
        for number, (before, after) in enumerate(pairwise(revisions), start=2)
    ]
    return [first, *corrections]


def unloading(*pickup_ids, unloading_id="unloading-1", facility_id=FACILITY):
    return route.VehicleUnloaded(
        unloading_id=unloading_id,
        plan_id="plan-1",
        tour_id="tour-1",
        vehicle_id=VEHICLE,
        facility_id=facility_id,
        pickup_ids=pickup_ids or (PICKUP,),
        unloaded_at=LATER,
    )


def arrived(data, sequence):
    """The event of a payload, as the runner hands it over."""
    topic = route.TOPIC if isinstance(data, route.VehicleUnloaded) else contract.TOPIC
    return Event(
        id=f"{topic.name}-{sequence}",
        type=data.TYPE,
        subject="subject",
        time=WEIGHED_AT,
        recorded_time=WEIGHED_AT,
        topic=topic.name,
        partition=3,
        offset=sequence - 1,
        sequence=sequence,
        key="key",
        traceparent=None,
        data=data,
    )


def in_order(*payloads):
    """The events of payloads, numbered by topic in the order given."""
    counts = Counter()
    events = []
    for data in payloads:
        topic = arrived(data, 1).topic
        counts[topic] += 1
        events.append(arrived(data, counts[topic]))
    return events


def request(scope="scope-1", body="body-1"):
    return Request(scope, body, lambda stored: Answer(201, f"{stored.version}".encode()))


def event_of(envelope, *, sequence=1):
    """The event that a reader decodes."""
    return decode(
        RawRecord(
            topic=envelope.topic,
            partition=envelope.partition,
            offset=sequence - 1,
            key=envelope.key.encode(),
            value=envelope.value,
            headers=wire_headers(envelope.headers, sequence=sequence),
        )
    )


def published(envelopes):
    """The payloads that a consumer would read."""
    return [event_of(each).data for each in envelopes]


def summed(entries):
    """Grams by (account, material), without accounts that are empty."""
    return {
        (account, unit.kind): mass_g
        for (account, unit), mass_g in balances(entries).items()
        if mass_g
    }


def in_memory(kind, state_type):
    return InMemoryAggregates(kind=kind, state_type=state_type, announce=announce)

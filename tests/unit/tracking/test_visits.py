"""What drives collect is in the mass ledger once a visit, from the scale to the facility."""

from itertools import permutations

import pytest

from services.tracking.domain.weigh_in import DRIVE
from shared.contracts import drive as contract
from shared.contracts import route
from shared.contracts.container import LotContained, LotQuarantined
from shared.kernel.events import Event
from tests.unit.tracking.builders import (
    COMMUNITY,
    FACILITY,
    LATER,
    LEAD,
    VEHICLE,
    WEIGHED_AT,
    container,
    lot,
    published,
)
from tests.unit.tracking.yard import Yard

VISIT = "drive-1:7"


def who(producer="household", *, central_store=False):
    return {
        "drive_id": "drive-1",
        "site_id": "site-1",
        "community_code": COMMUNITY,
        "visit_id": VISIT,
        "ticket": 7,
        "producer": producer,
        "site_kind": "school",
        "central_store": central_store,
    }


def weighed(*lots, **rest):
    net_g = sum(each.mass_g for each in lots)
    return contract.VisitWeighed(
        **who(**rest),
        revision=1,
        vehicle_id=VEHICLE,
        collector_id="collector-1",
        scale_id="scale-1",
        gross_g=net_g,
        tare_g=0,
        net_g=net_g,
        lots=lots,
        weighed_at=WEIGHED_AT,
    )


def corrected(before, after, **rest):
    return contract.VisitCorrected(
        **who(**rest),
        revision=2,
        vehicle_id=VEHICLE,
        lots_before=before,
        lots_after=after,
        weighed_at=WEIGHED_AT,
        corrected_at=LATER,
        reason="scale-misread",
    )


def unloaded():
    return route.DriveUnloaded(
        unloading_id="unloading-1",
        drive_id="drive-1",
        vehicle_id=VEHICLE,
        facility_id=FACILITY,
        visit_ids=(VISIT,),
        unloaded_at=LATER,
    )


def numbered(payloads):
    counts = {}
    for data in payloads:
        topic = route.TOPIC if isinstance(data, route.DriveUnloaded) else contract.TOPIC
        counts[topic.name] = sequence = counts.get(topic.name, 0) + 1
        yield Event(
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


def test_grams_go_from_the_drive_to_the_facility_in_any_order_and_once():
    lots = (lot("lot-1", 2_000),), (lot("lot-1", 1_900), lot("lot-2", 50, material="glass"))
    told = [weighed(*lots[0]), corrected(*lots), unloaded()]
    for order in permutations(told):
        yard = Yard()
        events = list(numbered(order))
        yard.react(*events)
        yard.react(*events)

        assert yard.balances_g(VISIT) == {
            (f"household/{COMMUNITY}", "cardboard"): -1_900,
            (f"household/{COMMUNITY}", "glass"): -50,
            (f"place/{FACILITY}", "cardboard"): 1_900,
            (f"place/{FACILITY}", "glass"): 50,
        }
        assert yard.journals.get(VISIT).state.source == DRIVE


def test_a_hazardous_lot_goes_into_its_container_and_says_where_from():
    yard = Yard(container("GL-1"))
    yard.react(*numbered([weighed(lot("lot-1", 14_500, material=LEAD, tag="GL-1"))]))

    told = published(yard.containers.announced)
    into = [each for each in told if isinstance(each, LotContained)]
    assert [(each.pickup_id, each.source, each.mass_delta_g) for each in into] == [
        (VISIT, "drive", 14_500)
    ]


def test_what_a_drive_brings_into_quarantine_says_where_from_until_a_person_resolves_it():
    yard = Yard()
    yard.react(*numbered([weighed(lot("lot-1", 14_500, material=LEAD, tag="GL-LOST"))]))

    (apart,) = yard.told(LotQuarantined)
    assert (apart.pickup_id, apart.source) == (VISIT, "drive")
    assert [task.source for task in yard.all_tasks()] == [DRIVE]


@pytest.mark.parametrize("producer", ["household", "organisation"])
def test_the_law_is_asked_of_the_drive_and_of_who_came(producer):
    yard = Yard()
    hazardous = lot("lot-1", 14_500, material=LEAD, condition="intact")

    yard.react(*numbered([weighed(hazardous, producer=producer, central_store=True)]))

    facts = yard.journals.get(VISIT).state.verdicts[0].verdict.facts
    assert (facts.holder, facts.place.kind, facts.place.central_store) == (producer, "drive", True)

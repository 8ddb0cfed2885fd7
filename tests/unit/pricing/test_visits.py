"""What drives collect is settled once a visit, to whom it belongs."""

from datetime import timedelta
from itertools import permutations

import pytest

from services.pricing.domain.settlement import DRIVE
from shared.contracts import drive as contract
from shared.kernel.events import Event
from tests.unit.pricing.builders import COMMUNITY, NOW, WEIGHED_AT, Desk, lot, prices

VISIT = "drive-1:7"


def who(household_id=None, organisation_id=None):
    return {
        "drive_id": "drive-1",
        "site_id": "site-1",
        "community_code": COMMUNITY,
        "visit_id": VISIT,
        "ticket": 7,
        "household_id": household_id,
        "organisation_id": organisation_id,
        "producer": "organisation" if organisation_id else "household",
        "site_kind": "school",
    }


def weighed(*lots, **visitor):
    net_g = sum(each.mass_g for each in lots)
    return contract.VisitWeighed(
        **who(**visitor),
        revision=1,
        vehicle_id="vehicle-1",
        collector_id="collector-1",
        scale_id="scale-1",
        gross_g=net_g,
        tare_g=0,
        net_g=net_g,
        lots=lots,
        weighed_at=WEIGHED_AT,
    )


def corrected(before, after, *, revision=2, **visitor):
    return contract.VisitCorrected(
        **who(**visitor),
        revision=revision,
        vehicle_id="vehicle-1",
        lots_before=before,
        lots_after=after,
        weighed_at=WEIGHED_AT,
        corrected_at=NOW + timedelta(hours=1),
        reason="scale-misread",
    )


def arrived(data, sequence):
    return Event(
        id=f"visit-{sequence}",
        type=data.TYPE,
        subject=VISIT,
        time=WEIGHED_AT,
        recorded_time=WEIGHED_AT,
        topic=contract.TOPIC.name,
        partition=3,
        offset=sequence - 1,
        sequence=sequence,
        key=COMMUNITY,
        traceparent=None,
        data=data,
    )


@pytest.fixture
def desk():
    return Desk(prices("list-1"))


def settlement(desk):
    return desk.settlements.get(VISIT).state


@pytest.mark.parametrize(
    ("visitor", "account"),
    [
        ({"household_id": "home-1"}, "home-1"),
        ({"organisation_id": "home-1"}, "organisation:home-1"),
        ({}, f"community:{COMMUNITY}"),
    ],
)
def test_a_visit_is_settled_to_whom_it_belongs(desk, visitor, account):
    desk.react(arrived(weighed(lot("lot-1", 2_000), **visitor), 1))

    held = settlement(desk)
    assert (held.account_id, held.source, held.revision) == (account, DRIVE, 1)
    assert held.pending_fen == held.amount_fen > 0
    announced = desk.settlements.announced[0]
    assert (announced.key, announced.headers["ce_subject"]) == (account, VISIT)
    assert b'"source":"drive"' in announced.value


def test_a_correction_counts_in_either_order_and_once(desk):
    lots = (lot("lot-1", 2_000),), (lot("lot-1", 1_500),)
    events = [weighed(*lots[0]), corrected(*lots)]
    amounts = set()
    for order in permutations(events):
        fresh = Desk(prices("list-1"))
        numbered = [arrived(data, n) for n, data in enumerate(order, start=1)]
        fresh.react(*numbered)
        fresh.react(*numbered)
        amounts.add((settlement(fresh).revision, settlement(fresh).amount_fen))

    assert len(amounts) == 1


def test_a_pickup_and_a_visit_of_one_household_are_two_settlements(desk):
    desk.react(arrived(weighed(lot("lot-1", 2_000), household_id="home-1"), 1))
    other = weighed(lot("lot-2", 1_000), household_id="home-1")
    desk.react(arrived(other.model_copy(update={"visit_id": "drive-1:8"}), 2))

    held = desk.settlements.get_many([VISIT, "drive-1:8"])
    assert {each.state.account_id for each in held.values()} == {"home-1"}
    assert len(held) == 2

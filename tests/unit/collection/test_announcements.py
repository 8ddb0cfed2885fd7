"""What collection says to the world fits the contract and names nobody."""

from datetime import timedelta

from services.collection.domain.people import Contact
from services.collection.entrypoints.reactions import reaction
from shared.contracts.codec import RawRecord, decode, wire_headers
from shared.contracts.route import RefusedStop, StopsRefused, TourAssigned, TourStop
from shared.contracts.settlement import SettlementReversed, SettlementSettled
from shared.kernel.events import Event
from shared.messaging.reactions import sequence_mark
from tests.unit.collection.builders import COMMUNITY, DAY, IN_THE_WINDOW, NOW, House, weigh_in

SHIFT_END = IN_THE_WINDOW + timedelta(hours=10)
SECRETS = Contact("Chen Wei", "+8613800000000")


def read(envelope, sequence=1):
    headers = wire_headers(envelope.headers, sequence=sequence)
    key = envelope.key.encode()
    return decode(RawRecord(envelope.topic, envelope.partition, 0, key, envelope.value, headers, 0))


def event(data, sequence=1):
    return Event(
        id=f"event-{sequence}",
        type=data.TYPE,
        subject="p-1",
        time=NOW,
        recorded_time=NOW,
        topic="recycling.route.events.v1",
        partition=0,
        offset=sequence,
        sequence=sequence,
        key="plan-1",
        traceparent=None,
        data=data,
    )


def assigned(*pickup_ids, plan_version=1, **rest):
    stops = [
        TourStop(pickup_id=each, community_code=COMMUNITY, position=n, trip=1, eta=IN_THE_WINDOW)
        for n, each in enumerate(pickup_ids, start=1)
    ]
    return TourAssigned(
        plan_id=f"plan-{plan_version}",
        plan_version=plan_version,
        tour_id="tour-1",
        service_day=DAY,
        vehicle_id="van-1",
        collector_id="collector-1",
        depot_id="depot-1",
        facility_id="facility-1",
        starts_at=IN_THE_WINDOW,
        ends_at=IN_THE_WINDOW,
        distance_m=1,
        stops=tuple(stops),
        **rest,
    )


def settled(kind, revision, **rest):
    return kind(
        settlement_id="p-1",
        pickup_id="p-1",
        account_id="home",
        community_code=COMMUNITY,
        revision=revision,
        amount_fen=480,
        **rest,
    )


def react(house, *data):
    events = [event(each, n) for n, each in enumerate(data, start=1)]
    reaction(house.pickups).apply(events, sequence_mark("collection", 1))
    return house.pickups.get("p-1").state


def test_every_event_of_a_life_fits_the_contract_and_names_nobody():
    house = House()
    house.register("named", "resident-1", contact=SECRETS, address="Gulou 12-3")
    house.book("p-1", note="ask for Chen Wei")
    house.amend("p-1", version=1)
    house.book("p-2")
    house.cancel("p-2")
    house.fail("no_access")
    house.weigh(weigh_in())

    said = [read(each) for each in house.pickups.announced]

    assert [each.type.split(".")[2] for each in said] == [
        "booked", "amended", "booked", "cancelled", "failed", "weighed",
    ]  # fmt: skip
    assert {each.key for each in said} == {COMMUNITY}
    values = b"".join(each.value for each in house.pickups.announced)
    assert not any(secret in values for secret in (b"Chen", b"1380000", b"Gulou", b"26.08"))


def test_a_tour_reaches_all_its_pickups_and_no_others():
    house = House()
    house.book("p-1")

    pickup = react(house, assigned("p-1", "of-nobody", shift_ends_at=SHIFT_END))

    assert (pickup.state.value, pickup.tour.vehicle_id) == ("assigned", "van-1")
    assert pickup.tour.shift_ends_at == SHIFT_END
    assert house.search.many(["of-nobody"]) == {}


def test_a_repeated_event_changes_nothing():
    house = House()
    house.book("p-1")
    react(house, assigned("p-1"))
    version = house.pickups.get("p-1").version

    react(house, assigned("p-1"))

    assert house.pickups.get("p-1").version == version


def test_a_refused_stop_stays_open():
    house = House()
    house.book("p-1")
    stop = RefusedStop(
        pickup_id="p-1", community_code=COMMUNITY, reason="routing.no_licensed_vehicle"
    )

    pickup = react(
        house,
        StopsRefused(plan_id="plan-1", plan_version=1, service_day=DAY, stops=(stop,)),
    )

    assert (pickup.state.value, pickup.refusal) == ("booked", "routing.no_licensed_vehicle")


def test_a_settlement_is_shown_and_its_reversal_too():
    house = House()
    house.book("p-1")
    first = settled(SettlementSettled, 1, price_list_id="l", lines=(), settled_at=NOW)
    undone = settled(SettlementReversed, 1, reason="correction", reversed_at=NOW)

    assert react(house, first).settled_fen == 480
    assert react(house, first, undone).settled_fen == 0

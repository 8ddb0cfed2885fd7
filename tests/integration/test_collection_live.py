"""A pickup's life as a stream: in order, resumed without loss or repeat, by real processes."""

import signal
from datetime import timedelta

import pytest

from services.collection.domain.booking import TourPlace
from services.collection.domain.records import STEPS_MAX
from shared.kernel.clock import SystemClock
from tests.integration.collection_house import house_of, service_day
from tests.integration.listening import Audience, api_at
from tests.integration.service_processes import free_port
from tests.polling import eventually

pytestmark = pytest.mark.integration

NOW = SystemClock().now()
PERSON = {"name": "Chen Wei", "phone": "+8613800000000", "address": "Gulou 12-3"}
LOTS = [{"material": "cardboard", "grade": "A", "mass_g": 4_000}]
WEIGH_IN = {
    "vehicle_id": "van-1",
    "scale_id": "scale-1",
    "gross_g": 4_500,
    "tare_g": 500,
    "weighed_at": NOW.isoformat(),
    "lots": LOTS,
}


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        held.open_slot(capacity=400)
        yield held


@pytest.fixture
def audience(house):
    with Audience(house) as held:
        yield held


@pytest.fixture
def pickup_id(house):
    return house.book(house.household(**PERSON), note="ring twice").json()["pickup_id"]


def assign(house, pickup_id, plan_version=1):
    at = SystemClock().now()
    place = TourPlace(
        plan_id="plan",
        plan_version=plan_version,
        service_day=service_day(),
        tour_id="tour-1",
        vehicle_id="van-1",
        collector_id="collector-1",
        eta=at,
        tour_ends_at=at + timedelta(hours=4),
    )
    house.wiring.pickups.change(pickup_id, lambda held: held.assign(place, at=at))


def approach(house, pickup_id, progress):
    body = {"progress": progress, "happened_at": SystemClock().now().isoformat()}
    return house.post(f"/pickups/{pickup_id}/approach", body, role="collector")


def weigh(house, pickup_id):
    return house.post(f"/pickups/{pickup_id}/weigh-ins", WEIGH_IN, role="collector")


def test_tells_a_life_in_order_and_names_nobody(house, audience, pickup_id):
    with api_at(house, free_port()) as (_, base):
        listener = audience.listen(base, pickup_id)
        eventually(lambda: listener.acts == ["book"])
        assign(house, pickup_id)
        approach(house, pickup_id, "en_route")
        approach(house, pickup_id, "at_door")
        weigh(house, pickup_id)
        house.post(f"/pickups/{pickup_id}/confirmation", {})
        eventually(lambda: len(listener.ids) == 6)

    assert listener.acts == ["book", "assign", "set_out", "arrive", "weigh", "confirm"]
    assert listener.ids == [1, 2, 3, 4, 5, 6]
    assert [each["state"] for each in listener.steps][-2:] == ["weighed", "stands"]
    told = str(listener.told)
    assert not any(word in told for word in (*PERSON.values(), "ring twice", "resident-1"))


def test_a_stream_that_resumes_gets_what_came_meanwhile_and_nothing_twice(
    house, audience, pickup_id
):
    assign(house, pickup_id)

    with api_at(house, free_port()) as (_, base):
        listener = audience.listen(base, pickup_id, last_id=1)
        unknown = audience.listen(base, pickup_id, last_id=77)
        eventually(lambda: (listener.ids, unknown.ids) == ([2], [1, 2]), of=(listener, unknown))
        approach(house, pickup_id, "en_route")
        eventually(
            lambda: (listener.ids, unknown.ids) == ([2, 3], [1, 2, 3]), of=(listener, unknown)
        )


def test_a_resumed_stream_is_told_what_is_not_kept_any_more(house, audience, pickup_id):
    for version in range(1, STEPS_MAX + 5):
        assign(house, pickup_id, version)

    with api_at(house, free_port()) as (_, base):
        listener = audience.listen(base, pickup_id, last_id=2)
        eventually(lambda: len(listener.ids) == STEPS_MAX)

    assert (listener.told[0].event, listener.told[0].id) == ("gap", None)
    assert listener.told[0].data["missed"] == listener.ids[0] - 3
    assert listener.ids[-1] == STEPS_MAX + 5


@pytest.mark.chaos
def test_kills_of_the_api_lose_and_repeat_nothing(house, audience, pickup_id):
    port = free_port()
    with api_at(house, port) as (_, base):
        listeners = [audience.listen(base, pickup_id, reconnects=True) for _ in range(5)]
        eventually(lambda: all(each.ids == [1] for each in listeners))
    for version in (1, 3, 5):
        assign(house, pickup_id, version)
        with api_at(house, port) as (process, _):
            eventually(lambda: listeners[0].connects > 1)
            assign(house, pickup_id, version + 1)
            process.kill()
            process.wait()
    with api_at(house, port):
        last = house.wiring.pickups.get(pickup_id).state.history[-1].number
        eventually(lambda: all(each.last_id == last for each in listeners))

    for listener in listeners:
        assert listener.ids == list(range(1, last + 1))
        assert listener.connects > 1


@pytest.mark.chaos
def test_a_stream_outlives_a_restart_of_mongodb(house, audience, pickup_id, infra):
    with api_at(house, free_port()) as (_, base):
        listener = audience.listen(base, pickup_id)
        eventually(lambda: listener.ids == [1])
        restarts = infra.restarts("mongod")
        infra.kill("mongod")
        eventually(lambda: infra.restarts("mongod") > restarts, within_s=60)
        eventually(lambda: infra.is_ready("mongod") and house.wiring.ready(), within_s=60)
        assign(house, pickup_id)
        eventually(lambda: listener.ids == [1, 2])

    assert listener.connects == 1


def test_two_processes_tell_the_same(house, audience, pickup_id):
    with api_at(house, free_port()) as (_, one), api_at(house, free_port()) as (_, other):
        listeners = [audience.listen(base, pickup_id) for base in (one, other)]
        assign(house, pickup_id)
        eventually(lambda: all(each.acts == ["book", "assign"] for each in listeners))


def test_two_hundred_streams_are_told_and_requests_go_on(house, audience):
    ids = [house.book(house.household()).json()["pickup_id"] for _ in range(20)]

    with house.serving() as (_, send):
        base = str(send.__self__.base_url)
        listeners = [audience.listen(base.rstrip("/"), ids[n % 20]) for n in range(200)]
        eventually(lambda: all(each.ids == [1] for each in listeners), within_s=60)
        for pickup_id in ids:
            assign(house, pickup_id)
        answers = [
            send("GET", f"/v1/pickups/{ids[0]}", headers=house.headers("resident"))
            for _ in range(20)
        ]
        eventually(lambda: all(each.ids == [1, 2] for each in listeners), within_s=30)
        open_streams = gauge(send, "greenloop_http_streams")

    assert [each.status_code for each in answers] == [200] * 20
    assert open_streams == 200


def gauge(send, name):
    text = send("GET", "/metrics").text
    return next(float(line.split()[1]) for line in text.splitlines() if line.startswith(name + " "))


def test_places_for_streams_are_bounded_and_given_back(house, audience, pickup_id):
    limits = {"streams_max": "3", "streams_of_caller_max": "2"}
    with api_at(house, free_port(), **limits) as (_, base):
        own = [audience.listen(base, pickup_id) for _ in range(2)]
        eventually(lambda: all(each.connects for each in own))
        third = audience.listen(base, pickup_id, is_patient=False)
        eventually(lambda: third.refused)
        citys = audience.listen(base, pickup_id, role="operator")
        eventually(lambda: citys.connects)
        collectors = audience.listen(base, pickup_id, role="collector", is_patient=False)
        eventually(lambda: collectors.refused)
        audience.leave(own[0])

        def let_in():
            again = audience.listen(base, pickup_id, is_patient=False)
            eventually(lambda: again.connects or again.refused)
            return again.connects

        eventually(let_in)

    assert (third.refused, collectors.refused) == (429, 503)


def test_ends_after_its_time_and_at_once_when_the_process_is_to_end(house, audience, pickup_id):
    with api_at(house, free_port(), stream_for_s="0.5") as (_, base):
        listener = audience.listen(base, pickup_id, reconnects=True)
        eventually(lambda: listener.connects >= 3)
    with api_at(house, free_port()) as (process, base):
        longer = audience.listen(base, pickup_id)
        eventually(lambda: longer.ids == [1])
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=5)  # requests would have 8 s

    assert listener.ids == [1]
    eventually(lambda: longer.has_ended)


def test_a_stream_is_for_who_may_see_the_pickup(house, audience, pickup_id):
    with house.serving() as (_, send):

        def status(path=f"/v1/pickups/{pickup_id}/events", *, role="resident", **who):
            sent = who.pop("sent", {})
            return send("GET", path, headers={**house.headers(role, **who), **sent}).status_code

        assert status(subject="resident-2") == 404
        assert status("/v1/pickups/nothing/events") == 404
        assert status(role="regulator", area="110000") == 404
        assert status(role="company") == 404
        assert status(sent={"Last-Event-ID": "one"}) == 422
        assert status(sent={"Authorization": "Bearer x"}) == 401
        listener = audience.listen(
            str(send.__self__.base_url).rstrip("/"), pickup_id, role="regulator", area="350102"
        )
        eventually(lambda: listener.ids == [1])

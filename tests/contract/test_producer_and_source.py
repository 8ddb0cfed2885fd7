"""The contract of `Producer` and `Source`: twins and Kafka keep the same one, end to end."""

import pytest
from kafka.admin import KafkaAdminClient, NewTopic

from shared.kernel.ids import new_id
from shared.messaging.in_memory_in import InMemorySource
from shared.messaging.in_memory_out import InMemoryProducer, InMemoryTopics
from shared.messaging.kafka_producer import KafkaSender
from shared.messaging.kafka_source import KafkaSource
from shared.messaging.ports_out import NoAcknowledgement, Outgoing
from tests.polling import eventually

PARTITIONS = 2


class InMemoryWire:
    """Producers and sources of one set of topics."""

    def __init__(self):
        self.topic = "topic"
        self._topics = InMemoryTopics()

    def producer(self):
        return InMemoryProducer(self._topics)

    def source(self, _group):
        return InMemorySource(self._topics.records)

    def unreachable(self):
        producer = self.producer()
        producer.is_away = True
        return producer


class KafkaWire:
    """The same over a broker, in a topic of its own."""

    def __init__(self, bootstrap):
        self.topic = f"test.{new_id()}"
        self._bootstrap = bootstrap
        admin = KafkaAdminClient(bootstrap_servers=bootstrap)
        admin.create_topics(
            [NewTopic(name=self.topic, num_partitions=PARTITIONS, replication_factor=1)]
        )
        # A consumer that joins before the brokers know the topic is given none of its partitions.
        eventually(lambda: self._has_leaders(admin))
        admin.close()

    def _has_leaders(self, admin):
        (held,) = admin.describe_topics([self.topic])
        leaders = [each["leader_id"] for each in held["partitions"]]
        return len(leaders) == PARTITIONS and all(leader >= 0 for leader in leaders)

    def producer(self):
        return KafkaSender(self._bootstrap, client_id="test")

    def source(self, group):
        return KafkaSource(self._bootstrap, group=f"{group}.{self.topic}", instance="test-0")

    def unreachable(self):
        return KafkaSender("127.0.0.1:9", client_id="test", ack_timeout_s=2)


@pytest.fixture(params=["in-memory", "kafka"])
def wire(request):
    if request.param == "in-memory":
        return InMemoryWire()
    return KafkaWire(request.getfixturevalue("kafka_bootstrap"))


@pytest.fixture
def producer(wire):
    made = wire.producer()
    yield made
    made.close()


class Reader:
    """A source with cursors, as a runner has them: the broker may assign a partition again."""

    def __init__(self, source, start):
        self._source = source
        self._start = start
        self._next = {}
        self.seek, self.lag = source.seek, source.lag

    def go_on(self, places):
        for place in places:
            self._source.seek(place, self._next.get(place, self._start))

    def poll(self, **bounds):
        found = self._source.poll(**bounds)
        self._next |= {(each.topic, each.partition): each.offset + 1 for each in found}
        return found


@pytest.fixture
def open_source(wire):
    """Return what opens a subscribed source that begins at the offsets that a test names."""
    opened = []

    def open_(group="g", start=0):
        source = wire.source(group)
        opened.append(source)
        reader = Reader(source, start)
        source.subscribe([wire.topic], assigned=reader.go_on, revoked=lambda _places: None)
        return reader

    yield open_
    for source in opened:
        source.close()


def outgoing(wire, number, partition=0):
    return Outgoing(
        wire.topic, partition, f"key-{number}".encode(), str(number).encode(), [("h", b"\x00\xff")]
    )


def polled(source, count, *, records_max=100):
    """Return `count` records in the order in which they came, from however many polls."""
    found = []

    def enough():
        found.extend(source.poll(timeout_s=0.1, records_max=records_max))
        return len(found) >= count

    eventually(enough)
    return found


def test_a_record_comes_back_whole(wire, producer, open_source):
    sent = outgoing(wire, 1, partition=1)

    producer.send_all([sent])

    (found,) = polled(open_source(), 1)
    assert (found.topic, found.partition, found.offset) == (wire.topic, 1, 0)
    assert (found.key, found.value, list(found.headers)) == (sent.key, sent.value, sent.headers)


def test_a_partition_keeps_the_order_of_sending(wire, producer, open_source):
    for begin in (0, 40):
        producer.send_all([outgoing(wire, n, n % PARTITIONS) for n in range(begin, begin + 40)])

    found = polled(open_source(), 80)

    for partition in range(PARTITIONS):
        values = [int(each.value) for each in found if each.partition == partition]
        assert values == list(range(partition, 80, PARTITIONS))
        assert [e.offset for e in found if e.partition == partition] == list(range(40))


def test_sending_nothing_is_done_at_once(producer):
    producer.send_all([])

    assert producer.close() is None


def test_what_was_sent_again_is_there_again(wire, producer, open_source):
    for _ in range(2):
        producer.send_all([outgoing(wire, 1)])

    assert [each.value for each in polled(open_source(), 2)] == [b"1", b"1"]


def test_a_closed_producer_acknowledges_nothing(wire):
    producer = wire.producer()
    for _ in range(2):
        producer.close()

    with pytest.raises(NoAcknowledgement):
        producer.send_all([outgoing(wire, 1)])


def test_without_a_broker_nothing_is_acknowledged(wire):
    with pytest.raises(NoAcknowledgement):
        wire.unreachable().send_all([outgoing(wire, 1)])


def test_a_source_gives_each_record_once(wire, producer, open_source):
    source = open_source()
    producer.send_all([outgoing(wire, 1)])
    polled(source, 1)
    producer.send_all([outgoing(wire, 2)])

    assert [each.value for each in polled(source, 1)] == [b"2"]


def test_a_source_goes_on_from_where_it_was_sought(wire, producer, open_source):
    producer.send_all([outgoing(wire, n) for n in range(5)])

    assert [each.value for each in polled(open_source(start=3), 2)] == [b"3", b"4"]


def test_a_source_can_be_sought_back(wire, producer, open_source):
    source = open_source()
    producer.send_all([outgoing(wire, n) for n in range(2)])
    polled(source, 2)

    source.seek((wire.topic, 0), 1)

    assert [each.value for each in polled(source, 1)] == [b"1"]


def test_a_poll_is_bounded(wire, producer, open_source):
    producer.send_all([outgoing(wire, n) for n in range(10)])

    source = open_source()

    first = eventually(lambda: source.poll(timeout_s=0.1, records_max=4))
    assert [each.value for each in first] == [b"0", b"1", b"2", b"3"]


def test_lag_is_what_was_not_polled(wire, producer, open_source):
    source = open_source()
    producer.send_all([outgoing(wire, n) for n in range(10)])
    polled(source, 4, records_max=4)

    assert source.lag() == {wire.topic: 6}
    polled(source, 6)
    assert source.lag() == {wire.topic: 0}


def test_groups_read_apart(wire, producer, open_source):
    producer.send_all([outgoing(wire, 1)])

    for group in ("one", "other"):
        assert [each.value for each in polled(open_source(group), 1)] == [b"1"]

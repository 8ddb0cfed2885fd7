"""The wire and its documents: examples, schemas, the SDK, and the gate that guards them."""

import copy
import json
from datetime import UTC, datetime

import pytest
from cloudevents.core.bindings.kafka import KafkaMessage, from_binary_event
from jsonschema import Draft202012Validator, FormatChecker

from shared.contracts.catalogue import PAYLOAD_BY_TYPE, TOPICS
from shared.contracts.codec import RawRecord, decode, encode, partition_of, wire_headers
from shared.contracts.pickup import PickupWeighed
from shared.kernel.errors import Invalid
from tools.generate.gate import breaks
from tools.generate.schemas import example_of, schema_of

TYPES = sorted(PAYLOAD_BY_TYPE)
AT = datetime(2026, 11, 24, 2, 15, 30, 123_000, tzinfo=UTC)


def event_of(type_):
    return PAYLOAD_BY_TYPE[type_].model_validate(example_of(PAYLOAD_BY_TYPE[type_]))


def record_of(payload, *, sequence=1, **changes):
    made = encode(payload, key="350102001001", subject="s", time=AT, source="greenloop/test")
    headers = dict(wire_headers(made.headers, sequence=sequence)) | changes.pop("headers", {})
    raw = {"value": made.value, **changes}
    return RawRecord(
        made.topic, made.partition, 7, made.key.encode(), raw["value"], list(headers.items())
    )


@pytest.mark.parametrize("type_", TYPES)
def test_an_example_keeps_its_schema(type_):
    model = PAYLOAD_BY_TYPE[type_]
    validator = Draft202012Validator(schema_of(model), format_checker=FormatChecker())

    assert list(validator.iter_errors(example_of(model))) == []


@pytest.mark.parametrize("type_", TYPES)
def test_an_event_comes_back_as_it_was_sent(type_):
    payload = event_of(type_)

    event = decode(record_of(payload, sequence=42))

    assert event.data == payload
    assert (event.sequence, event.time, event.type) == (42, AT, type_)


def test_the_sdk_reads_what_is_written():
    record = record_of(event_of(PickupWeighed.TYPE))
    message = KafkaMessage(headers=dict(record.headers), key=record.key, value=record.value)

    event = from_binary_event(message)

    assert event.get_type() == PickupWeighed.TYPE
    assert event.get_time() == AT
    assert event.get_extension("partitionkey") == "350102001001"
    assert event.get_extension("sequence") == "1"


def test_reads_structured_mode_and_ignores_headers_beside_it():
    binary = record_of(event_of(PickupWeighed.TYPE))
    attributes = {n[3:]: v.decode() for n, v in binary.headers if n.startswith("ce_")}
    value = json.dumps({**attributes, "data": json.loads(binary.value)}).encode()
    headers = [("content-type", b"application/cloudevents+json"), ("ce_type", b"wrong")]
    structured = RawRecord(binary.topic, 0, 7, b"k", value, headers)

    assert decode(structured).data == decode(binary).data
    assert decode(structured).sequence == 1


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"value": None}, "contract.tombstone"),
        ({"value": b"{"}, "contract.not_json"),
        ({"value": b"null"}, "contract.invalid_data"),
        ({"value": b"{}"}, "contract.invalid_data"),
        ({"value": b"x" * 1_000_000}, "contract.too_large"),
        ({"headers": {"ce_type": b"com.example"}}, "contract.unknown_type"),
        ({"headers": {"ce_type": b"recycling.settlement.paid.v1"}}, "contract.unknown_type"),
        ({"headers": {"ce_sequence": b""}}, "contract.missing_header"),
        ({"headers": {"ce_sequence": b"-1"}}, "contract.invalid_header"),
        ({"headers": {"ce_time": b"noon"}}, "contract.invalid_header"),
        ({"headers": {"ce_time": b"2026-11-24T00:00:00"}}, "contract.invalid_header"),
        ({"headers": {"ce_id": b"\xff"}}, "contract.not_text"),
    ],
)
def test_refuses_what_breaks_the_contract(changes, code):
    with pytest.raises(Invalid) as refused:
        decode(record_of(event_of(PickupWeighed.TYPE), **changes))

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("community_code", "٣٥٠١٠٢٠٠١٠٠١"),
        ("pickup_id", "纸-1"),
        ("weighed_at", "1999-12-31T23:59:59Z"),
        ("weighed_at", "0001-01-01T00:00:00+08:00"),
    ],
)
def test_refuses_text_that_only_our_own_library_would_take(field, text):
    value = {**example_of(PickupWeighed), field: text}

    with pytest.raises(Invalid) as refused:
        decode(record_of(event_of(PickupWeighed.TYPE), value=json.dumps(value).encode()))

    assert refused.value.code == "contract.invalid_data"


def test_ignores_a_field_that_it_does_not_know():
    value = {**example_of(PickupWeighed), "from_the_future": 1}

    assert decode(record_of(event_of(PickupWeighed.TYPE), value=json.dumps(value).encode()))


def test_partitions_as_kafkas_default_partitioner_does():
    # Figures of Apache Kafka's own test of Utils.murmur2, taken modulo 100.
    known = {"21": -973932308, "foobar": -790332482, "a-little-bit-long-string": -985981536}

    assert {k: partition_of(k, 100) for k in known} == {
        k: (h & 0x7FFFFFFF) % 100 for k, h in known.items()
    }


def test_each_type_is_on_one_topic():
    named = [payload.TYPE for topic in TOPICS for payload in topic.payloads]

    assert len(named) == len(set(named))


@pytest.fixture
def released():
    return schema_of(PickupWeighed)


def test_the_gate_lets_a_new_optional_field_pass(released):
    present = copy.deepcopy(released)
    present["properties"]["note"] = {"type": "string"}

    assert breaks(released, present) == []


def test_the_gate_stops_a_new_required_field(released):
    present = copy.deepcopy(released)
    present["properties"]["note"] = {"type": "string"}
    present["required"].append("note")

    assert breaks(released, present)


def test_the_gate_stops_a_removed_or_narrowed_field(released):
    removed, narrowed = copy.deepcopy(released), copy.deepcopy(released)
    removed["required"].remove("vehicle_id")
    del removed["properties"]["vehicle_id"]
    narrowed["$defs"]["Lot"]["properties"]["mass_g"]["maximum"] = 10

    assert breaks(released, removed)
    assert breaks(released, narrowed)

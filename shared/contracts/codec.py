"""The wire: CloudEvents 1.0 in binary mode on Kafka, structured mode read too.

Binary mode is written directly, because the SDK's path was measured several times slower; a test
proves that the SDK reads what is written. Structured mode is read here as well, which closes the
SDK's gaps: `ce_` headers beside a structured value are ignored, `partitionkey` stays what the
writer said, and a tombstone is a null value, not b"".
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from kafka.partitioner.default import murmur2
from pydantic import ValidationError

from shared.contracts.catalogue import PAYLOAD_BY_TYPE, TOPIC_BY_TYPE
from shared.contracts.topic import Payload
from shared.kernel.errors import Invalid
from shared.kernel.events import Event
from shared.kernel.ids import new_id

VALUE_BYTES_MAX = 900 * 1024
STRUCTURED = "application/cloudevents+json"
REQUIRED = ("id", "source", "type", "time", "recordedtime", "sequence", "partitionkey")


@dataclass(frozen=True, slots=True)
class Envelope:
    """An event ready for the outbox: all headers but the sequence, which the relay gives it."""

    id: str
    topic: str
    partition: int
    key: str
    headers: dict[str, str]
    value: bytes


@dataclass(frozen=True, slots=True)
class RawRecord:
    """A record as it came off a topic, whatever the client library."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp_ms: int = 0


def partition_of(key: str, partitions: int) -> int:
    """Return the partition that Kafka's default partitioner (murmur2) gives `key`."""
    return int(murmur2(key.encode()) & 0x7FFFFFFF) % partitions


def rfc3339(instant: datetime) -> str:
    """Return an instant in UTC, to the millisecond, ending in Z."""
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def encode(
    payload: Payload,
    *,
    key: str,
    subject: str,
    time: datetime,
    source: str,
    partition_key: str | None = None,
    traceparent: str | None = None,
) -> Envelope:
    """Return the envelope of `payload`, with a new id; `time` is when the fact happened.

    `partition_key` picks the partition where it is not the key itself. Raises `Invalid`
    (contract.too_large) over 900 KiB: Kafka refuses a megabyte.
    """
    topic = TOPIC_BY_TYPE[payload.TYPE]
    value = payload.model_dump_json().encode()
    if len(value) > VALUE_BYTES_MAX:
        raise Invalid("contract.too_large", "the event is larger than 900 KiB")
    event_id = new_id()
    picks = partition_key or key
    headers = {
        "ce_specversion": "1.0",
        "ce_id": event_id,
        "ce_source": source,
        "ce_type": payload.TYPE,
        "ce_subject": subject,
        "ce_time": rfc3339(time),
        "ce_recordedtime": rfc3339(datetime.now(UTC)),
        "ce_partitionkey": picks,
        "ce_dataschema": f"urn:greenloop:schema:{payload.TYPE}",
        "content-type": "application/json",
    }
    if traceparent:
        headers["ce_traceparent"] = traceparent
    partition = partition_of(picks, topic.partitions)
    return Envelope(event_id, topic.name, partition, key, headers, value)


def wire_headers(headers: Mapping[str, str], *, sequence: int) -> list[tuple[str, bytes]]:
    """Return the record's headers, with its place in the partition."""
    wire = [(name, value.encode()) for name, value in headers.items()]
    wire.append(("ce_sequence", str(sequence).encode()))
    return wire


def sequence_of(record: RawRecord) -> int | None:
    """Return the record's sequence without decoding it, or None where it has no readable one."""
    for name, value in record.headers:
        if name == "ce_sequence":
            # A foreign writer's null or 0 is no sequence; a header's value may be null on the wire.
            return int(value) or None if value and value.isdigit() and len(value) < 19 else None
    return None


def decode(record: RawRecord) -> Event[Payload]:
    """Return the event of a record, or raise `Invalid` (contract.…), for the dead letters."""
    if record.value is None:
        raise Invalid("contract.tombstone", "an event has a value")
    if len(record.value) > VALUE_BYTES_MAX:
        raise Invalid("contract.too_large", "the value is larger than 900 KiB")
    headers = {name: _text(value) for name, value in record.headers if value is not None}
    if headers.get("content-type", "").startswith(STRUCTURED):
        attributes, data = _structured(record.value)
        data = json.dumps(data).encode()
    else:
        attributes = {name[3:]: text for name, text in headers.items() if name[:3] == "ce_"}
        data = record.value
    return _event(record, attributes, data)


def _event(record: RawRecord, attributes: Mapping[str, str], data: bytes) -> Event[Payload]:
    missing = [name for name in REQUIRED if not attributes.get(name)]
    if missing:
        raise Invalid("contract.missing_header", f"no {', '.join(missing)}")
    model = PAYLOAD_BY_TYPE.get(attributes["type"])
    if model is None or TOPIC_BY_TYPE[attributes["type"]].name != record.topic:
        raise Invalid("contract.unknown_type", "this type does not belong on the topic")
    return Event(
        id=attributes["id"],
        type=attributes["type"],
        subject=attributes.get("subject", ""),
        time=_instant(attributes["time"]),
        recorded_time=_instant(attributes["recordedtime"]),
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        sequence=_sequence(attributes["sequence"]),
        key=_text(record.key or b""),
        traceparent=attributes.get("traceparent"),
        data=_data(model, data),
    )


def _data(model: type[Payload], data: bytes) -> Payload:
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        if first["type"] == "json_invalid":
            raise Invalid("contract.not_json", "the value is not JSON") from None
        where = "/".join(str(part) for part in first["loc"])
        raise Invalid("contract.invalid_data", f"{where}: {first['type']}") from None


def _structured(value: bytes) -> tuple[dict[str, str], Any]:
    try:
        held = json.loads(value)
    except (ValueError, RecursionError):
        raise Invalid("contract.not_json", "the value is not JSON") from None
    if not isinstance(held, dict):
        raise Invalid("contract.not_cloudevents", "a structured event is an object")
    data = held.pop("data", None)
    return {name: str(each) for name, each in held.items() if each is not None}, data


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        raise Invalid("contract.not_text", "a header or key is not UTF-8") from None


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise Invalid("contract.invalid_header", "a time has no offset")
        return instant.astimezone(UTC)
    except (ValueError, OverflowError):  # overflow: year 1 east of Greenwich is before year 1
        raise Invalid("contract.invalid_header", "a time is not RFC 3339") from None


def _sequence(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 19 or int(text) < 1:
        raise Invalid("contract.invalid_header", "sequence is not a positive number")
    return int(text)

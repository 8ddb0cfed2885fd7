"""One AsyncAPI 3.1 document of all topics, from the catalogue and the examples."""

import json
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import TOPICS
from shared.contracts.topic import Payload, Topic
from tools.generate.schemas import ROOT, as_json, example_of, schema_of

Json = dict[str, Any]
HEADERS: Json = {
    "type": "object",
    "description": "CloudEvents 1.0 in binary mode, with Greenloop's extensions.",
    "required": [
        "ce_specversion",
        "ce_id",
        "ce_source",
        "ce_type",
        "ce_time",
        "ce_recordedtime",
        "ce_partitionkey",
        "ce_sequence",
    ],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "format": "uuid", "description": "unique, time-ordered"},
        "ce_source": {"type": "string", "description": "greenloop/<service>"},
        "ce_type": {"type": "string"},
        "ce_subject": {"type": "string", "description": "the thing that it is about"},
        "ce_time": {"type": "string", "format": "date-time", "description": "when it happened"},
        "ce_recordedtime": {
            "type": "string",
            "format": "date-time",
            "description": "when its service accepted it, in real time",
        },
        "ce_partitionkey": {"type": "string"},
        "ce_sequence": {
            "type": "string",
            "pattern": "^[0-9]+$",
            "description": "dense from 1 in each partition; one that was seen is a duplicate",
        },
        "ce_dataschema": {"type": "string"},
        "ce_traceparent": {"type": "string"},
        "content-type": {"const": "application/json"},
    },
}


def document() -> Json:
    """Return the whole document."""
    return {
        "asyncapi": "3.1.0",
        "info": {
            "title": "Greenloop events",
            "version": "0.1.0",
            "description": "Recycling from the kitchen door to the smelter, as events on Kafka.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "local": {
                "host": "127.0.0.1:9092",
                "protocol": "kafka",
                "description": "`make up`; the port moves where it is taken",
            }
        },
        "channels": {_channel_id(topic): _channel(topic) for topic in TOPICS},
        "operations": {f"publish-{_channel_id(t)}": _operation(t) for t in TOPICS},
        "components": {
            "schemas": {payload.TYPE: _component(payload) for payload in _payloads()},
            "messages": {
                payload.TYPE: _message(topic, payload)
                for topic in TOPICS
                for payload in topic.payloads
            },
        },
    }


def files() -> dict[Path, str]:
    """Return the document's file."""
    return {ROOT / "docs" / "asyncapi.json": as_json(document())}


def _payloads() -> list[type[Payload]]:
    return [payload for topic in TOPICS for payload in topic.payloads]


def _component(payload: type[Payload]) -> Json:
    """Return a schema as a part of this document: its own definitions are found from the root."""
    here = f"#/components/schemas/{payload.TYPE}/$defs/"
    text = json.dumps(schema_of(payload)).replace("#/$defs/", here)
    component: Json = json.loads(text)
    return component


def _channel_id(topic: Topic) -> str:
    return topic.name.replace(".", "-")


def _channel(topic: Topic) -> Json:
    kept = "for ever" if topic.retention_ms < 0 else f"{topic.retention_ms // 86_400_000} days"
    return {
        "address": topic.name,
        "title": topic.name,
        "description": f"{topic.purpose} Order: {topic.ordering}. Kept {kept}.",
        "messages": {
            payload.TYPE: {"$ref": f"#/components/messages/{payload.TYPE}"}
            for payload in topic.payloads
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                "partitions": topic.partitions,
                "topicConfiguration": {
                    "cleanup.policy": ["compact", "delete"] if topic.compacted else ["delete"],
                    "retention.ms": topic.retention_ms,
                },
                "bindingVersion": "0.5.0",
            }
        },
        "x-producer": topic.producer,
        "x-consumers": list(topic.consumers),
    }


def _operation(topic: Topic) -> Json:
    channel = _channel_id(topic)
    return {
        "action": "send",
        "channel": {"$ref": f"#/channels/{channel}"},
        "summary": f"{topic.producer} publishes: {topic.purpose}",
        "messages": [
            {"$ref": f"#/channels/{channel}/messages/{payload.TYPE}"} for payload in topic.payloads
        ],
    }


def _message(topic: Topic, payload: type[Payload]) -> Json:
    return {
        "name": payload.TYPE,
        "title": payload.__name__,
        "summary": (payload.__doc__ or "").strip(),
        "contentType": "application/json",
        "headers": HEADERS,
        "payload": {"$ref": f"#/components/schemas/{payload.TYPE}"},
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": topic.key},
                "bindingVersion": "0.5.0",
            }
        },
        "examples": [{"name": "example", "payload": example_of(payload)}],
    }

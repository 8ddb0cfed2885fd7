"""JSON Schemas (2020-12) of all payloads, from their models."""

import json
from pathlib import Path
from typing import Any

from shared.contracts.catalogue import TOPICS
from shared.contracts.topic import Payload

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = ROOT / "shared" / "contracts" / "schemas"
EXAMPLES = ROOT / "shared" / "contracts" / "examples"
DIALECT = "https://json-schema.org/draft/2020-12/schema"


def schema_of(payload: type[Payload]) -> dict[str, Any]:
    """Return the schema that readers rely on: open, unknown fields are allowed."""
    return {
        "$schema": DIALECT,
        "$id": f"urn:greenloop:schema:{payload.TYPE}",
        **payload.model_json_schema(mode="serialization"),
    }


def example_of(payload: type[Payload]) -> dict[str, Any]:
    """Return the committed example of a type."""
    held: dict[str, Any] = json.loads(
        (EXAMPLES / f"{payload.TYPE}.json").read_text(encoding="utf-8")
    )
    return held


def files() -> dict[Path, str]:
    """Return all schema files and their content."""
    return {
        SCHEMAS / f"{payload.TYPE}.json": as_json(schema_of(payload))
        for topic in TOPICS
        for payload in topic.payloads
    }


def as_json(value: Any) -> str:  # noqa: ANN401 - whatever JSON can hold
    """Return JSON as it is committed: readable, sorted by its author, newline at the end."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"

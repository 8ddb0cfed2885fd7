"""The compatibility gate: released schemas against today's. `--release` adopts new types.

Plain comparison would call each new optional field incompatible. So a closed writer is compared
with an open reader, both ways: what the old writer wrote must be readable now, and what today's
writer writes must be readable by readers of the released schema.
"""

import json
import sys
from typing import Any

import jsoncompat

from shared.contracts.catalogue import TOPICS
from tools.generate.schemas import ROOT, as_json, schema_of

RELEASED = ROOT / "shared" / "contracts" / "released" / "v0.1"
Json = dict[str, Any]


def breaks(released: Json, present: Json) -> list[str]:
    """Return what today's schema breaks; empty where both sides still understand each other."""
    broken = []
    if not _reads(writer=released, reader=present):
        broken.append("today's readers do not understand released events")
    if not _reads(writer=present, reader=released):
        broken.append("released readers do not understand today's events")
    return broken


def findings() -> list[str]:
    """Return a line for each type that is broken, gone, or not released yet."""
    present = {payload.TYPE: schema_of(payload) for t in TOPICS for payload in t.payloads}
    released = {
        path.stem: json.loads(path.read_text(encoding="utf-8")) for path in RELEASED.glob("*.json")
    }
    found = [f"{type_}: removed; deprecate instead" for type_ in sorted(released.keys() - present)]
    for type_, schema in sorted(present.items()):
        if type_ not in released:
            found.append(
                f"{type_}: not released yet; run `python -m tools.generate.gate --release`"
            )
        else:
            found += [f"{type_}: {what}" for what in breaks(released[type_], schema)]
    return found


def release() -> None:
    """Adopt the schemas of types that were never released."""
    RELEASED.mkdir(parents=True, exist_ok=True)
    for topic in TOPICS:
        for payload in topic.payloads:
            path = RELEASED / f"{payload.TYPE}.json"
            if not path.exists():
                path.write_text(as_json(schema_of(payload)), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Return 1 where something is broken."""
    if "--release" in arguments:
        release()
    found = findings()
    for line in found:
        sys.stderr.write(line + "\n")
    return 1 if found else 0


def _reads(*, writer: Json, reader: Json) -> bool:
    return bool(
        jsoncompat.check_compat(
            json.dumps(_plain(writer, closed=True)),
            json.dumps(_plain(reader, closed=False)),
            "deserializer",
        )
    )


def _plain(schema: Any, *, closed: bool) -> Any:  # noqa: ANN401 - any part of a schema
    """Return the schema without words, each object closed or open."""
    if isinstance(schema, list):
        return [_plain(part, closed=closed) for part in schema]
    if not isinstance(schema, dict):
        return schema
    words = ("title", "description", "$id", "$schema", "default", "examples")
    kept = {
        name: _named(part, closed=closed)
        if name in ("properties", "$defs")
        else _plain(part, closed=closed)
        for name, part in schema.items()
        if name not in words
    }
    if kept.get("type") == "object" and "properties" in kept:
        kept["additionalProperties"] = not closed
    return kept


def _named(parts: Json, *, closed: bool) -> Json:
    return {name: _plain(part, closed=closed) for name, part in parts.items()}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

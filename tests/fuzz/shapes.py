"""Requests made from an OpenAPI document's schemas, with a value of one's own at each leaf."""

from collections.abc import Callable
from typing import Any

Json = dict[str, Any]
Path = tuple[str, ...]
NOTHING, LEAF = object(), object()
# A list, or what repeats below itself, is entered so often.
DEPTH_MAX = 6


class Shapes:
    """The schemas of one document."""

    def __init__(self, document: Json) -> None:
        self._document = document

    def body_of(self, told: Json) -> Json | None:
        """Return the schema of an operation's JSON body, if it takes one."""
        content = told.get("requestBody", {}).get("content", {})
        schema: Json | None = content.get("application/json", {}).get("schema")
        return schema

    def files_of(self, told: Json) -> list[str]:
        """Return the media types of an operation that takes a file, else nothing."""
        content = told.get("requestBody", {}).get("content", {})
        return [each for each in content if each != "application/json"]

    def parameters(self, told: Json, place: str) -> list[Json]:
        """Return an operation's parameters in `place`: query, path or header."""
        return [each for each in told.get("parameters", []) if each["in"] == place]

    def kind(self, schema: Json) -> str:
        """Return a leaf's kind: date, date-time, integer, string …"""
        plain = self.resolved(schema)
        return str(plain.get("format") or plain.get("type", "any"))

    def filled(self, schema: Json, kinds: set[str], give: Callable[[Json], Any]) -> Any:
        """Return a value with leaves of `kinds` only, each what `give` makes of its schema.

        Fixed values, which say what kind of object it is, are there too; `NOTHING`: no such leaf.
        """
        return self._filled(schema, kinds, give, depth=0)

    def leaves(self, schema: Json, kinds: set[str]) -> list[Path]:
        """Return the names on the way to each leaf of `kinds`."""
        found: list[Path] = []
        _names(self.filled(schema, kinds, lambda _: LEAF), (), found)
        return found

    def resolved(self, schema: Json) -> Json:
        """Return a schema without references, and of several the first that is not null."""
        while True:
            if "$ref" in schema:
                schema = self._document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
            elif several := schema.get("anyOf") or schema.get("oneOf") or schema.get("allOf"):
                schema = next(each for each in several if each.get("type") != "null")
            else:
                return schema

    def _filled(
        self, schema: Json, kinds: set[str], give: Callable[[Json], Any], *, depth: int
    ) -> Any:
        plain = self.resolved(schema)
        if depth > DEPTH_MAX:
            return NOTHING
        if "const" in plain:
            return plain["const"]
        if plain.get("type") == "object":
            held = {
                name: self._filled(each, kinds, give, depth=depth + 1)
                for name, each in plain.get("properties", {}).items()
            }
            there = {name: each for name, each in held.items() if each is not NOTHING}
            fixed = {name for name, each in plain.get("properties", {}).items() if "const" in each}
            return there if there.keys() - fixed else NOTHING
        if plain.get("type") == "array":
            held_one = self._filled(plain.get("items", {}), kinds, give, depth=depth + 1)
            return NOTHING if held_one is NOTHING else [held_one]
        return give(plain) if self.kind(plain) in kinds else NOTHING


def _names(value: Any, way: Path, found: list[Path]) -> None:
    if isinstance(value, dict):
        for name, below in value.items():
            _names(below, (*way, name), found)
    elif isinstance(value, list):
        for below in value:
            _names(below, way, found)
    elif value is LEAF:
        found.append(way)

"""How far a reader has come in one document: part of the update that carries its effect."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Mark:
    """`by` names the reader and its source: "group@generation|topic|partition"."""

    by: str
    last: int


def mark_name(group: str, generation: int, topic: str, *, partition: int) -> str:
    """Return the `by` of a reader of one partition."""
    return f"{group}@{generation}|{topic}|{partition}"


def is_new(marks: Mapping[str, int], mark: Mark) -> bool:
    """Say whether an effect with this mark is not yet in the document."""
    return marks.get(mark.by, 0) < mark.last

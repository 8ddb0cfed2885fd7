"""What stands on a container's label, and how large it is. Drawing it is an adapter's."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LabelLine:
    """One line: what it is about, and what it says."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Label:
    """A square label. `tag` is what its QR code says; `sides` of the container carry one."""

    heading: str
    lines: tuple[LabelLine, ...]
    tag: str
    side_mm: int
    sides: int

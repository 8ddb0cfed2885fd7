"""recycling.crate.events.v1: returnable crates and packaging, as parties take and return them.

Pieces are counted, not scanned: a line says how many of a type and grade. `step` counts a party's
movements, dense and in order, from 1. `flags` says what a person is to look at: the movement
happened all the same.
"""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from shared.contracts.topic import Code, Instant, OpaqueId, Payload, Topic

CrateGrade = Literal["A", "B", "C"]
Pieces = Annotated[int, Field(ge=1, le=1_000_000, strict=True)]


class CrateLine(Payload):
    """Pieces of one type. `to_grade` is what they are after the movement, absent: the same."""

    crate_type: Code
    grade: CrateGrade
    pieces: Pieces
    to_grade: CrateGrade | None = None


class CratesMoved(Payload):
    """What all movements tell."""

    party_id: OpaqueId
    movement_id: OpaqueId
    step: Annotated[int, Field(ge=1, strict=True)]
    lines: Annotated[tuple[CrateLine, ...], Field(min_length=1, max_length=60)]
    reason: Code
    flags: tuple[Code, ...] = ()
    moved_at: Instant


class CratesIssued(CratesMoved):
    """The pool gave crates to a party: their deposit is due."""

    TYPE: ClassVar[str] = "recycling.crate.issued.v1"


class CratesReturned(CratesMoved):
    """A party gave crates back: their deposit is refunded."""

    TYPE: ClassVar[str] = "recycling.crate.returned.v1"


class CratesLost(CratesMoved):
    """Crates that a party held are lost: their deposit is forfeited."""

    TYPE: ClassVar[str] = "recycling.crate.lost.v1"


class CratesFound(CratesMoved):
    """Lost crates are at the party again: their deposit is held again."""

    TYPE: ClassVar[str] = "recycling.crate.found.v1"


class CratesRegraded(CratesMoved):
    """Crates at a party are of another grade; no deposit changes."""

    TYPE: ClassVar[str] = "recycling.crate.regraded.v1"


TOPIC = Topic(
    name="recycling.crate.events.v1",
    purpose="Returnable crates and packaging: who holds how many, for deposits.",
    key="party id",
    ordering="all movements of one party are in order",
    producer="tracking",
    consumers=("tracking", "pricing", "recycling companies"),
    partitions=6,
    payloads=(CratesIssued, CratesReturned, CratesLost, CratesFound, CratesRegraded),
)

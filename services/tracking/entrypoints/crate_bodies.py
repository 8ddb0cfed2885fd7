"""What the API of crates takes and gives."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.tracking.domain import crates as domain
from services.tracking.domain.crates import Act, Count, CrateMove, Limit, PartyCrates
from shared.contracts.topic import Code
from shared.http.body import Body, Instant, View
from shared.http.idempotency import KeyedCall
from shared.kernel.aggregate import Stored
from shared.kernel.clock import to_millisecond

Grade = Literal["A", "B", "C"]
Pieces = Annotated[int, Field(strict=True, ge=1, le=1_000_000)]


class LineBody(Body):
    """Pieces of one type and grade."""

    crate_type: Code
    grade: Grade
    pieces: Pieces

    def to_line(self) -> domain.Line:
        """Return the line; they stay what they are."""
        return domain.Line(self.crate_type, self.grade, self.pieces, self.grade)


class GradedLineBody(LineBody):
    """Pieces that are `to_grade` now."""

    to_grade: Grade

    def to_line(self) -> domain.Line:
        """Return the line."""
        return domain.Line(self.crate_type, self.grade, self.pieces, self.to_grade)


class ReturnLineBody(LineBody):
    """Pieces that come back: of `grade` as they went out, of `to_grade` as they are now."""

    to_grade: Grade | None = None

    def to_line(self) -> domain.Line:
        """Return the line."""
        return domain.Line(self.crate_type, self.grade, self.pieces, self.to_grade or self.grade)


class _MoveBody(Body):
    happened_at: Instant
    reason: Code = "usual"


class CratesBody(_MoveBody):
    """Crates that are given out, lost or found."""

    lines: list[LineBody] = Field(min_length=1, max_length=domain.LINES_MAX)


class ReturnBody(_MoveBody):
    """Crates that come back."""

    lines: list[ReturnLineBody] = Field(min_length=1, max_length=domain.LINES_MAX)


class RegradingBody(_MoveBody):
    """Crates that are of another grade."""

    lines: list[GradedLineBody] = Field(min_length=1, max_length=domain.LINES_MAX)


class LimitBody(Body):
    """How many pieces of a type, of all grades, a party may hold."""

    crate_type: Code
    pieces: Annotated[int, Field(strict=True, ge=0, le=10_000_000)]


class LimitsBody(Body):
    """Limits of a party; of types that are not named the limit stays."""

    limits: list[LimitBody] = Field(min_length=1, max_length=domain.LINES_MAX)

    def to_limits(self) -> list[Limit]:
        """Return the limits."""
        return [Limit(each.crate_type, each.pieces) for each in self.limits]


class CountView(View):
    """Pieces of a type and grade."""

    crate_type: str
    grade: str
    pieces: int


class LimitView(View):
    """A limit that is not the usual one."""

    crate_type: str
    pieces: int


class PartyCratesView(View):
    """What a party holds and has lost; `at` is the instant asked about, absent for the present."""

    party_id: str
    at: datetime | None = None
    held: tuple[CountView, ...]
    lost: tuple[CountView, ...]
    limits: tuple[LimitView, ...]


class MovedLineView(CountView):
    """A line of a movement."""

    to_grade: str


class CrateMovementView(View):
    """A movement of a party's crates; `step` counts them in the order of recording."""

    movement_id: str
    party_id: str
    step: int
    act: str
    happened_at: datetime
    reason: str
    flags: tuple[str, ...]
    lines: tuple[MovedLineView, ...]


def move_of(
    act: Act,
    party_id: str,
    body: CratesBody | ReturnBody | RegradingBody,
    call: KeyedCall,
    *,
    now: datetime,
) -> CrateMove:
    """Return the movement that a call asks for."""
    return CrateMove(
        movement_id=call.derived_id(),
        act=act,
        party_id=party_id,
        lines=tuple(line.to_line() for line in body.lines),
        reason=body.reason,
        happened_at=to_millisecond(body.happened_at),
        recorded_at=now,
    )


def party_view(
    stored: Stored[PartyCrates],
    *,
    at: datetime | None = None,
    held: tuple[Count, ...] | None = None,
    lost: tuple[Count, ...] | None = None,
) -> PartyCratesView:
    """Return the view of a party: of the present, or with what it held and had lost at a time."""
    state = stored.state
    return PartyCratesView(
        party_id=state.party_id,
        at=at,
        held=_counts(state.held if held is None else held),
        lost=_counts(state.lost if lost is None else lost),
        limits=tuple(LimitView(crate_type=e.crate_type, pieces=e.pieces) for e in state.limits),
    )


def moved_view(stored: Stored[PartyCrates]) -> CrateMovementView:
    """Return the view of the movement that a party's document has recorded last."""
    told = stored.state.last
    if told is None:
        raise AssertionError("a movement was recorded")
    return CrateMovementView(
        movement_id=told.move.movement_id,
        party_id=told.move.party_id,
        step=told.step,
        act=told.move.act.value,
        happened_at=told.move.happened_at,
        reason=told.move.reason,
        flags=told.flags,
        lines=tuple(MovedLineView.model_validate(each) for each in told.move.lines),
    )


def movement_view(stored: Stored[domain.CrateMovement]) -> CrateMovementView:
    """Return the view of a movement in the ledger."""
    return CrateMovementView.model_validate(stored.state)


def _counts(counts: tuple[Count, ...]) -> tuple[CountView, ...]:
    return tuple(CountView.model_validate(each) for each in counts)

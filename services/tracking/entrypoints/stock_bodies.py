"""What tracking's API takes and gives of movements at places."""

from datetime import datetime
from typing import Annotated

from pydantic import Field

from services.tracking.domain.stock import RESIDUE, Act, Amount, StockMovement
from shared.contracts.topic import Code, MaterialCode, OpaqueId
from shared.http.body import Body, Instant, View
from shared.http.idempotency import KeyedCall
from shared.kernel.aggregate import Stored
from shared.kernel.clock import to_millisecond
from shared.reference.materials import material

Mass = Annotated[int, Field(strict=True, ge=1, le=1_000_000_000)]
Counted = Annotated[int, Field(strict=True, ge=0, le=1_000_000_000_000)]
Signed = Annotated[int, Field(strict=True, ge=-1_000_000_000, le=1_000_000_000)]


class LineBody(Body):
    """Grams of one material; `residue` is what sorting leaves over."""

    material: MaterialCode
    mass_g: Mass

    def to_amount(self) -> Amount:
        """Return the amount; an unknown material is `Invalid` (materials.unknown)."""
        return amount_of(self.material, self.mass_g)


class CountBody(Body):
    """Grams of one material as they were counted."""

    material: MaterialCode
    mass_g: Counted


class DifferenceBody(Body):
    """Grams of one material more (or, negative, less) than the books say."""

    material: MaterialCode
    mass_g: Signed


Lines = Annotated[list[LineBody], Field(min_length=1, max_length=40)]


class _ActBody(Body):
    happened_at: Instant
    reason: Code = "usual"


class MoveBody(_ActBody):
    """Materials go to another place."""

    to_place_id: OpaqueId
    lines: Lines


class SortingBody(_ActBody):
    """Sorting or baling: Σ inputs = Σ outputs + residue."""

    inputs: Lines
    outputs: list[LineBody] = Field(default=[], max_length=40)
    residue_g: int = Field(default=0, strict=True, ge=0, le=1_000_000_000)


class DeliveryBody(_ActBody):
    """A sale: the buyer, and the number of the delivery note."""

    buyer_id: OpaqueId
    delivery_note: OpaqueId
    lines: Lines


class DifferencesBody(Body):
    """A declared difference, with its reason."""

    happened_at: Instant
    reason: Code
    lines: list[DifferenceBody] = Field(min_length=1, max_length=40)


class StockTakingBody(_ActBody):
    """What was counted of each material; what is not named was not counted."""

    lines: list[CountBody] = Field(min_length=1, max_length=40)


class ReversalBody(Body):
    """Why a movement is undone."""

    reason: Code


class PostingView(View):
    """Grams put into an account, or taken out of it."""

    account: str
    material: str
    mass_g: int


class StockMovementView(View):
    """A movement and all its postings."""

    movement_id: str
    kind: str
    place_id: str
    happened_at: datetime
    recorded_at: datetime
    by: str
    reason: str
    delivery_note: str | None = None
    buyer_id: str | None = None
    flags: tuple[str, ...]
    postings: tuple[PostingView, ...]
    reversed_at: datetime | None = None


def amount_of(code: str, mass_g: int) -> Amount:
    """Return the amount of a known material, or of residue."""
    hazardous = code != RESIDUE and material(code).hazardous
    return Amount(code, mass_g, hazardous)


def amounts_of(lines: list[LineBody]) -> list[Amount]:
    """Return the amounts of lines."""
    return [line.to_amount() for line in lines]


def act_of(
    place_id: str, body: _ActBody | DifferencesBody, call: KeyedCall, *, now: datetime
) -> Act:
    """Return who did it, where and when."""
    return Act(
        movement_id=call.derived_id(),
        place_id=place_id,
        happened_at=to_millisecond(body.happened_at),
        recorded_at=now,
        by=call.caller.subject,
        reason=body.reason,
    )


def stock_movement_view(stored: Stored[StockMovement]) -> StockMovementView:
    """Return the view of a movement."""
    movement, act = stored.state, stored.state.act
    return StockMovementView(
        movement_id=act.movement_id,
        kind=movement.kind,
        place_id=act.place_id,
        happened_at=act.happened_at,
        recorded_at=act.recorded_at,
        by=act.by,
        reason=act.reason,
        delivery_note=act.note,
        buyer_id=act.counterparty,
        flags=movement.flags,
        postings=tuple(
            PostingView(account=each.account, material=each.unit.kind, mass_g=each.amount)
            for entry in movement.entries
            for each in entry.postings
        ),
        reversed_at=movement.reversed_at,
    )

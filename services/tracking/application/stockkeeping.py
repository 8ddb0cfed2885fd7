"""Recording what people did with materials at places, and undoing it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.tracking.domain import stock as acts
from services.tracking.domain.stock import Act, Amount, StockMovement
from shared.kernel.aggregate import Aggregates, Decision, Request, Stored
from shared.kernel.clock import Clock

StockMovements = Aggregates[StockMovement]


class Stock(Protocol):
    """What the mass ledger holds at places. Calls block and raise `Unavailable`."""

    def held(self, place_id: str, *, at: datetime) -> Counter[str]:
        """Return the grams at a place at an instant of business time, by material."""


@dataclass(frozen=True, slots=True)
class Yard:
    """What these handlers work with."""

    movements: StockMovements
    stock: Stock
    clock: Clock


def record(
    movement: StockMovement, *, yard: Yard, request: Request[StockMovement]
) -> Stored[StockMovement]:
    """Record a movement, flagged where the books hold less than it takes."""
    act = movement.act
    if movement.taken:
        movement = movement.flagged(yard.stock.held(act.place_id, at=act.happened_at))
    return yard.movements.create(act.movement_id, Decision(movement), request=request)


def take_stock(
    act: Act, counted: Sequence[Amount], *, yard: Yard, request: Request[StockMovement]
) -> Stored[StockMovement]:
    """Post the difference between a count and the books, at the time of the count."""
    held = yard.stock.held(act.place_id, at=act.happened_at)
    movement = acts.count(act, counted, held=held)
    return yard.movements.create(act.movement_id, Decision(movement), request=request)


def reverse(
    movement_id: str, *, reason: str, yard: Yard, request: Request[StockMovement]
) -> Stored[StockMovement]:
    """Undo a movement; `Conflict` (stock.reversed) where it is undone."""
    now = yard.clock.now()
    return yard.movements.change(
        movement_id, lambda held: Decision(held.reverse(reason=reason, now=now)), request=request
    )

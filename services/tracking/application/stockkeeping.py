"""Recording what people did with materials at places, and undoing it."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol

from services.tracking.domain import stock as acts
from services.tracking.domain.stock import Act, Amount, StockMovement
from shared.kernel.aggregate import Aggregates, Decision, Request, Stored
from shared.kernel.clock import Clock
from shared.kernel.errors import Stale

StockMovements = Aggregates[StockMovement]
RECOUNTED_A_ROUND = 200


@dataclass(frozen=True, slots=True)
class Noticed:
    """A stock-taking of which something was noticed; `times` says how often."""

    movement_id: str
    times: int


class Stock(Protocol):
    """What the mass ledger holds at places. Calls block and raise `Unavailable`."""

    def held(self, place_id: str, *, at: datetime) -> Counter[str]:
        """Return the grams at a place at an instant of business time, by material."""


class Counts(Protocol):
    """Stock-takings that may have to be counted anew. Calls block and raise `Unavailable`."""

    def waiting(self, *, limit: int) -> Sequence[Noticed]:
        """Return those of which a fact may have changed the books, the earliest count first."""

    def held(self, count: StockMovement) -> Counter[str]:
        """Return the grams at the count's place and time by all entries that are there now.

        Without its own, and without those of counts at the same time whose ids are behind.
        """

    def settle(self, noticed: Noticed) -> None:
        """Note that a count is right, unless something was noticed since."""


def _needs_none(_movement: StockMovement) -> bool:
    """Know of no central stores."""
    return False


@dataclass(frozen=True, slots=True)
class Yard:
    """What these handlers work with. `needs_manifest`: the law's word on a movement."""

    movements: StockMovements
    stock: Stock
    clock: Clock
    needs_manifest: Callable[[StockMovement], bool] = _needs_none


def record(
    movement: StockMovement, *, yard: Yard, request: Request[StockMovement]
) -> Stored[StockMovement]:
    """Record a movement, flagged where the books hold less than it takes, or a manifest is needed.

    Raises `Invalid` (stock.future) for one that is still to come; so does `take_stock`.
    """
    act = movement.act.checked()
    if movement.taken:
        movement = movement.flagged(yard.stock.held(act.place_id, at=act.happened_at))
    if yard.needs_manifest(movement):
        movement = movement.without_manifest()
    return yard.movements.create(act.movement_id, Decision(movement), request=request)


def take_stock(
    act: Act, counted: Sequence[Amount], *, yard: Yard, request: Request[StockMovement]
) -> Stored[StockMovement]:
    """Post the difference between a count and the books, at the time of the count."""
    held = yard.stock.held(act.checked().place_id, at=act.happened_at)
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


def recount(*, movements: StockMovements, counts: Counts) -> int:
    """Follow facts that were told after a count of what happened before it; return how many.

    Each count in the order of time, so that a later one finds the earlier one's difference in the
    books. May be repeated: where nothing has changed, nothing is written.
    """
    changed = 0
    for noticed in counts.waiting(limit=RECOUNTED_A_ROUND):
        stored = movements.get(noticed.movement_id)
        after = stored.state.recount(counts.held(stored.state))
        if after == stored.state:
            counts.settle(noticed)
            continue
        with suppress(Stale):  # another worker was first: this count is looked at again
            movements.change(
                noticed.movement_id,
                partial(_decided, after),
                expected_version=stored.version,
            )
            changed += 1
    return changed


def _decided(after: StockMovement, _held: StockMovement) -> Decision[StockMovement]:
    return Decision(after)

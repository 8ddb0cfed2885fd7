"""What pricing does about crates: their deposits, by party and type."""

from collections import Counter
from collections.abc import Callable
from datetime import date

from services.pricing.domain.deposit import Act, CratesTold, Deposit, deposit_id
from shared.contracts.crate import (
    CratesFound,
    CratesIssued,
    CratesLost,
    CratesMoved,
    CratesReturned,
)
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import AnyEvent, Effect, Reaction

GROUP = "pricing-deposits"
ACTS: dict[type[CratesMoved], Act] = {
    CratesIssued: "issued",
    CratesReturned: "returned",
    CratesLost: "lost",
    CratesFound: "found",
}
# The deposit on one piece of a type on a day; `Invalid` (crates.unknown_type) where none is known.
Rate = Callable[[str, date], int]


def deposit_reaction(deposits: Reacting[Deposit], *, rate: Rate) -> Reaction:
    """Return the reaction to tracking's events of crates; regrading changes no deposit."""

    def book(
        entity_id: str, held: Deposit | None, event: Event[CratesMoved]
    ) -> Decision[Deposit] | None:
        (told,) = [
            each
            for each in told_of(event.data, rate=rate)
            if deposit_id(each.party_id, each.crate_type) == entity_id
        ]
        return Decision((held or Deposit(told.party_id, told.crate_type)).told(told))

    effect = Effect(deposits, _deposit_ids, book)
    return Reaction(GROUP, {payload: [effect] for payload in ACTS})


def told_of(data: CratesMoved, *, rate: Rate) -> list[CratesTold]:
    """Return what an event tells of each type, over all grades."""
    on = legal_day(data.moved_at)
    return [
        CratesTold(
            movement_id=data.movement_id,
            act=ACTS[type(data)],
            party_id=data.party_id,
            crate_type=crate_type,
            pieces=pieces,
            rate_fen=rate(crate_type, on),
            at=data.moved_at,
        )
        for crate_type, pieces in sorted(_by_type(data).items())
    ]


def _by_type(data: CratesMoved) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for line in data.lines:
        pieces[line.crate_type] += line.pieces
    return pieces


def _deposit_ids(event: AnyEvent) -> list[str]:
    return [deposit_id(event.data.party_id, each) for each in sorted(_by_type(event.data))]

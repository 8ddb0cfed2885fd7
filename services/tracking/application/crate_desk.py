"""What is done with returnable crates: movements of a party, and what it may hold."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from functools import partial

from services.tracking.domain.crates import CrateMove, Limit, PartyCrates, check_lines
from shared.kernel.aggregate import Aggregates, Decision, Request, Stored
from shared.kernel.clock import Clock, legal_day
from shared.kernel.errors import Conflict, NotFound, Stale

# The usual limit of a type on a day; `Invalid` (crates.unknown_type) where there is none.
UsualLimit = Callable[[str, date], int]


@dataclass(frozen=True, slots=True)
class CrateDesk:
    """What the commands work with."""

    parties: Aggregates[PartyCrates]
    usual_limit: UsualLimit
    clock: Clock


def move_crates(
    move: CrateMove, *, desk: CrateDesk, request: Request[PartyCrates]
) -> Stored[PartyCrates]:
    """Record a movement; a party that was never heard of begins with nothing.

    Raises `Invalid`: crates.lines, crates.pieces, crates.grade, crates.unknown_type.
    """
    check_lines(move)
    on = legal_day(move.happened_at)
    limits = {line.crate_type: desk.usual_limit(line.crate_type, on) for line in move.lines}
    decide = partial(PartyCrates.move, move=move, limits=limits)
    return _of_party(move.party_id, decide, desk=desk, request=request)


def limit_crates(
    party_id: str,
    limits: Iterable[Limit],
    *,
    expected_version: int | None,
    desk: CrateDesk,
    request: Request[PartyCrates],
) -> Stored[PartyCrates]:
    """Set how many pieces of types a party may hold; `Stale` (party_crates.stale)."""
    named = tuple(limits)
    today = legal_day(desk.clock.now())
    for each in named:
        desk.usual_limit(each.crate_type, today)
    decide = partial(PartyCrates.limit, limits=named)
    return _of_party(
        party_id, decide, desk=desk, request=request, expected_version=expected_version
    )


def _of_party(
    party_id: str,
    decide: Callable[[PartyCrates], Decision[PartyCrates]],
    *,
    desk: CrateDesk,
    request: Request[PartyCrates],
    expected_version: int | None = None,
) -> Stored[PartyCrates]:
    """Change a party's document, or make it; of two that make it, one changes it then."""
    change = partial(
        desk.parties.change, party_id, decide, request=request, expected_version=expected_version
    )
    try:
        return change()
    except NotFound:
        if expected_version is not None:
            raise Stale("party_crates.stale", "the version is not the present one") from None
    try:
        return desk.parties.create(party_id, decide(PartyCrates(party_id)), request=request)
    except Conflict:
        return change()

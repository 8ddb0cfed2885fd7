"""Returnable crates of a party: how many pieces of each type and grade it holds, and has lost.

One document a party decides all its movements, so that racing returns of the last crates count
exactly. A movement is one balanced entry in pieces of a type, between `crates/<party>/<grade>`,
`crate-pool/<grade>` and `crate-loss/<party>/<grade>`: over all accounts a type sums to zero. What
happened is recorded: where a party has less than it gave, or more than it may, it is flagged.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from shared.kernel.aggregate import Decision
from shared.kernel.errors import Invalid
from shared.kernel.ledger import Entry, Posting, Unit, transfer

LINES_MAX = 60
OVER_BOOK = "crates.over_book"
OVER_LIMIT = "crates.over_limit"
OVER_LOST = "crates.over_lost"
FROM_THE_FUTURE = "crates.from_the_future"
CLOCK_SKEW = timedelta(minutes=5)
PIECES = "pieces"

Key = tuple[str, str]  # type and grade


class Act(StrEnum):
    """What may happen to crates of a party."""

    ISSUE = "issued"
    RETURN = "returned"
    LOSE = "lost"
    FIND = "found"
    REGRADE = "regraded"


@dataclass(frozen=True, slots=True, order=True)
class Count:
    """Pieces of a type and grade; negative where more was given than is known to be had."""

    crate_type: str
    grade: str
    pieces: int


@dataclass(frozen=True, slots=True)
class Line:
    """Pieces that move. `to_grade` is what they are afterwards."""

    crate_type: str
    grade: str
    pieces: int
    to_grade: str


@dataclass(frozen=True, slots=True)
class Limit:
    """How many pieces of a type, of all grades, a party may hold."""

    crate_type: str
    pieces: int


@dataclass(frozen=True, slots=True)
class CrateMove:
    """What happened to crates of a party, and when. `reason` is a code."""

    movement_id: str
    act: Act
    party_id: str
    lines: tuple[Line, ...]
    reason: str
    happened_at: datetime
    recorded_at: datetime


@dataclass(frozen=True, slots=True)
class CratesMoved:
    """A movement was recorded, as the party's `step`."""

    move: CrateMove
    step: int
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PartyCrates:
    """What a party holds and has lost; `limits` are those that are not the usual ones."""

    party_id: str
    step: int = 0
    held: tuple[Count, ...] = ()
    lost: tuple[Count, ...] = ()
    limits: tuple[Limit, ...] = ()
    last: CratesMoved | None = None

    def move(self, move: CrateMove, *, limits: Mapping[str, int]) -> Decision["PartyCrates"]:
        """Record a movement; `limits` are the usual ones of its types."""
        check_lines(move)
        held, lost = moved(_counted(self.held), _counted(self.lost), move)
        flags = self._flags(move, held=held, lost=lost, limits=limits)
        told = CratesMoved(move, self.step + 1, flags)
        state = replace(self, step=told.step, held=_counts(held), lost=_counts(lost), last=told)
        return Decision(state, (told,))

    def limit(self, limits: Iterable[Limit]) -> Decision["PartyCrates"]:
        """Set what the party may hold; of types that are not named the limit stays."""
        own = {each.crate_type: each.pieces for each in (*self.limits, *limits)}
        named = tuple(Limit(crate_type, pieces) for crate_type, pieces in sorted(own.items()))
        return Decision(replace(self, limits=named))

    def limit_of(self, crate_type: str, *, usual: int) -> int:
        """Return what the party may hold of a type."""
        own = {each.crate_type: each.pieces for each in self.limits}
        return own.get(crate_type, usual)

    def _flags(
        self,
        move: CrateMove,
        *,
        held: Counter[Key],
        lost: Counter[Key],
        limits: Mapping[str, int],
    ) -> tuple[str, ...]:
        types = {line.crate_type for line in move.lines}
        flags = []
        if move.act is not Act.ISSUE and any(
            held[line.crate_type, line.grade] < 0 for line in move.lines
        ):
            flags.append(OVER_BOOK)
        if move.act in (Act.ISSUE, Act.FIND) and any(
            _of_type(held, each) > self.limit_of(each, usual=limits[each]) for each in types
        ):
            flags.append(OVER_LIMIT)
        if move.act is Act.FIND and any(
            lost[line.crate_type, line.grade] < 0 for line in move.lines
        ):
            flags.append(OVER_LOST)
        if move.happened_at > move.recorded_at + CLOCK_SKEW:
            flags.append(FROM_THE_FUTURE)
        return tuple(flags)


@dataclass(frozen=True, slots=True)
class CrateMovement:
    """A movement in the ledger of pieces: one entry."""

    movement_id: str
    party_id: str
    step: int
    act: str
    lines: tuple[Line, ...]
    reason: str
    flags: tuple[str, ...]
    happened_at: datetime
    entries: tuple[Entry, ...]


def check_lines(move: CrateMove) -> None:
    """Refuse what cannot be: no lines, too many, one twice, no pieces, no other grade."""
    keys = {(line.crate_type, line.grade, line.to_grade) for line in move.lines}
    if not 0 < len(move.lines) <= LINES_MAX:
        raise Invalid("crates.lines", f"a movement has 1 to {LINES_MAX} lines")
    if len(keys) != len(move.lines):
        raise Invalid("crates.lines", "a type and grade stands on one line")
    if any(line.pieces <= 0 for line in move.lines):
        raise Invalid("crates.pieces", "each line has more than 0 pieces")
    if move.act is Act.REGRADE and any(line.grade == line.to_grade for line in move.lines):
        raise Invalid("crates.grade", "it is regraded to what it is")


def moved(
    held: Counter[Key], lost: Counter[Key], move: CrateMove
) -> tuple[Counter[Key], Counter[Key]]:
    """Return what the party holds and has lost after a movement."""
    held, lost = held.copy(), lost.copy()
    for line in move.lines:
        before, after = (line.crate_type, line.grade), (line.crate_type, line.to_grade)
        if move.act in (Act.ISSUE, Act.FIND):
            held[after] += line.pieces
        else:
            held[before] -= line.pieces
        if move.act is Act.REGRADE:
            held[after] += line.pieces
        if move.act is Act.LOSE:
            lost[before] += line.pieces
        if move.act is Act.FIND:
            lost[before] -= line.pieces
    return held, lost


def entry_of(move: CrateMove) -> Entry:
    """Return the balanced entry of a movement, in pieces by type."""
    postings: list[Posting] = []
    for line in move.lines:
        source, target = _accounts(move, line)
        unit = Unit(PIECES, line.crate_type)
        postings += transfer(source, target, amount=line.pieces, unit=unit)
    return Entry(f"crates:{move.movement_id}", tuple(postings), move.reason, at=move.happened_at)


def party_account(party_id: str) -> str:
    """Return how the accounts of what a party holds begin; the grade follows."""
    return f"crates/{party_id}/"


def loss_account(party_id: str) -> str:
    """Return how the accounts of what a party has lost begin; the grade follows."""
    return f"crate-loss/{party_id}/"


def _accounts(move: CrateMove, line: Line) -> tuple[str, str]:
    held, loss = party_account(move.party_id), loss_account(move.party_id)
    match move.act:
        case Act.ISSUE:
            return f"crate-pool/{line.grade}", f"{held}{line.to_grade}"
        case Act.RETURN:
            return f"{held}{line.grade}", f"crate-pool/{line.to_grade}"
        case Act.LOSE:
            return f"{held}{line.grade}", f"{loss}{line.grade}"
        case Act.FIND:
            return f"{loss}{line.grade}", f"{held}{line.to_grade}"
        case Act.REGRADE:
            return f"{held}{line.grade}", f"{held}{line.to_grade}"


def _counted(counts: Sequence[Count]) -> Counter[Key]:
    return Counter({(each.crate_type, each.grade): each.pieces for each in counts})


def _counts(sums: Counter[Key]) -> tuple[Count, ...]:
    return tuple(Count(*key, pieces) for key, pieces in sorted(sums.items()) if pieces)


def _of_type(held: Counter[Key], crate_type: str) -> int:
    return sum(pieces for (of, _), pieces in held.items() if of == crate_type)

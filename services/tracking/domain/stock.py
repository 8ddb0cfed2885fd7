"""What people do with materials at places: move, sort and bale, sell, count, declare a difference.

Each is one balanced entry in grams per material. Sorting turns some materials into others: the
account `processing/<place>` takes the inputs and gives the outputs, and is empty over all
materials together. A movement happened: where the books hold less than was moved, it is recorded
and flagged for a person.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ledger import Entry, Posting, Unit, balances, reversal, transfer

LINES_MAX = 40
RESIDUE = "residue"
OVER_BOOK = "stock.over_book"
# Hazardous waste goes by manifest (Transfer rules 2022); what left without one is still a fact.
WITHOUT_MANIFEST = "stock.hazardous_without_manifest"
LATE_FACTS = "late-facts"  # why a stock-taking's difference was changed afterwards
CLOCK_SKEW = timedelta(minutes=5)  # as of consignments' facts
MOVE, SORT, DELIVER, DIFFER, COUNT = "move", "sort", "deliver", "differ", "count"


@dataclass(frozen=True, slots=True)
class Amount:
    """Grams of one material; signed only in a difference."""

    material: str
    mass_g: int
    hazardous: bool = False


@dataclass(frozen=True, slots=True)
class Act:
    """Who did it where and when. `reason` is a code, `note` the delivery note's number."""

    movement_id: str
    place_id: str
    happened_at: datetime
    recorded_at: datetime
    by: str
    reason: str
    note: str | None = None
    counterparty: str | None = None

    def checked(self) -> "Act":
        """Return it, or raise `Invalid` (stock.future) for one still to come: a wrong clock."""
        if self.happened_at > self.recorded_at + CLOCK_SKEW:
            raise Invalid("stock.future", "the time of this fact is still to come")
        return self


@dataclass(frozen=True, slots=True)
class StockMovement:
    """One act at a place and its entries: the movement, and its reversal where it was undone.

    `counted` is what a stock-taking found. Its entries are of the time of the count: the first is
    the difference to what the books held then, each further one what facts have changed of that
    which happened before the count and were told after it.
    """

    kind: str
    act: Act
    entries: tuple[Entry, ...]
    flags: tuple[str, ...] = ()
    reversed_at: datetime | None = None
    counted: tuple[Amount, ...] = ()

    def without_manifest(self) -> "StockMovement":
        """Return it flagged: the law asked for a manifest, and there is none."""
        return replace(self, flags=(*self.flags, WITHOUT_MANIFEST))

    @property
    def taken(self) -> Counter[str]:
        """Grams that the act takes from its place, by material."""
        taken: Counter[str] = Counter()
        for posting in self.entries[0].postings if self.entries else ():
            if posting.account == place(self.act.place_id):
                taken[posting.unit.kind] -= posting.amount
        return +taken

    def flagged(self, held: Counter[str]) -> "StockMovement":
        """Return the movement with what is to be said of it, by what the books hold."""
        over = any(mass_g > held[material] for material, mass_g in self.taken.items())
        return replace(self, flags=(*self.flags, OVER_BOOK)) if over else self

    def reverse(self, *, reason: str, now: datetime) -> "StockMovement":
        """Undo the act by an entry of its own, once; `Conflict` (stock.reversed)."""
        if self.reversed_at is not None:
            raise Conflict("stock.reversed", "this movement was reversed before")
        if not self.entries:
            raise Conflict("stock.empty", "this stock-taking found no difference")
        first = self.entries[0]
        whole = replace(first, postings=_summed(self.entries) or first.postings)
        undone = reversal(whole, entry_id=f"{first.id}:reversed", reason=reason, at=now)
        return replace(self, entries=(*self.entries, undone), reversed_at=now)

    @property
    def is_open_count(self) -> bool:
        """Whether it is a stock-taking that stands, and follows what is told late."""
        return self.kind == COUNT and bool(self.counted) and self.reversed_at is None

    def recount(self, held: Counter[str]) -> "StockMovement":
        """Return the stock-taking with the difference to what the books hold at its time.

        `held` is without its own entries; the same as before changes nothing.
        """
        if not self.is_open_count:
            return self
        account = place(self.act.place_id)
        known = Counter[str]()
        for (at, unit), mass_g in balances(self.entries).items():
            if at == account:
                known[unit.kind] += mass_g
        late = [
            Amount(each.material, each.mass_g - held[each.material] - known[each.material])
            for each in self.counted
        ]
        found = [each for each in late if each.mass_g]
        if not found:
            return self
        postings = _postings(f"difference/{self.act.place_id}", account, found)
        name = f"mass:{self.act.movement_id}:late:{len(self.entries)}"
        entry = Entry(name, postings, LATE_FACTS, at=self.act.happened_at)
        return replace(self, entries=(*self.entries, entry))


def place(place_id: str) -> str:
    """Return the account of a place."""
    return f"place/{place_id}"


def move(act: Act, amounts: Sequence[Amount], *, to_place_id: str) -> StockMovement:
    """Return a move from the act's place to another one."""
    if to_place_id == act.place_id:
        raise Invalid("stock.nowhere", "it is moved to where it is")
    return _moved(MOVE, act, amounts, target=place(to_place_id))


def deliver(act: Act, amounts: Sequence[Amount]) -> StockMovement:
    """Return a sale: materials leave to the act's counterparty, by its delivery note."""
    if not act.counterparty or not act.note:
        raise Invalid("stock.delivery", "a delivery names its buyer and its note")
    sold = _moved(DELIVER, act, amounts, target=f"delivered/{act.counterparty}")
    hazardous = any(each.hazardous for each in amounts)
    return replace(sold, flags=(WITHOUT_MANIFEST,)) if hazardous else sold


def sort(
    act: Act, *, inputs: Sequence[Amount], outputs: Sequence[Amount], residue_g: int
) -> StockMovement:
    """Return sorting or baling: Σ inputs = Σ outputs + residue, else `Invalid`.

    The residue stays at the place, as a material of its own.
    """
    _check(inputs)
    _check(outputs, may_be_none=residue_g > 0)
    made = [*outputs, *([Amount(RESIDUE, residue_g)] if residue_g else [])]
    if sum(each.mass_g for each in inputs) != sum(each.mass_g for each in made):
        raise Invalid("stock.unbalanced", "inputs are outputs and residue, to the gram")
    here, processing = place(act.place_id), f"processing/{act.place_id}"
    into = _postings(here, processing, inputs)
    out_of = _postings(processing, here, made)
    return StockMovement(SORT, act, (_entry(act, (*into, *out_of)),))


def differ(act: Act, differences: Sequence[Amount], *, kind: str = DIFFER) -> StockMovement:
    """Return a declared difference: positive where there is more than the books say.

    A stock-taking (`kind` count) may find none at all.
    """
    if kind == DIFFER:
        _check_lines(differences)
    found = [each for each in differences if each.mass_g]
    if not found and kind == DIFFER:
        raise Invalid("stock.mass", "a difference is not 0 g")
    account = f"difference/{act.place_id}"
    entries = (_entry(act, _postings(account, place(act.place_id), found)),) if found else ()
    return StockMovement(kind, act, entries)


def count(act: Act, counted: Sequence[Amount], *, held: Counter[str]) -> StockMovement:
    """Return a stock-taking: of each counted material, the difference to what the books hold."""
    _check_lines(counted)
    if any(each.mass_g < 0 for each in counted):
        raise Invalid("stock.mass", "nothing is counted below 0 g")
    differences = [Amount(each.material, each.mass_g - held[each.material]) for each in counted]
    return replace(differ(act, differences, kind=COUNT), counted=tuple(counted))


def _moved(kind: str, act: Act, amounts: Sequence[Amount], *, target: str) -> StockMovement:
    _check(amounts)
    return StockMovement(kind, act, (_entry(act, _postings(place(act.place_id), target, amounts)),))


def _postings(source: str, target: str, amounts: Iterable[Amount]) -> tuple[Posting, ...]:
    return tuple(
        posting
        for each in amounts
        for posting in transfer(source, target, amount=each.mass_g, unit=Unit("g", each.material))
    )


def _summed(entries: Iterable[Entry]) -> tuple[Posting, ...]:
    """Return what entries have moved together, without what they have moved back."""
    sums = balances(entries)
    return tuple(Posting(at, amount, unit) for (at, unit), amount in sums.items() if amount)


def _entry(act: Act, postings: tuple[Posting, ...]) -> Entry:
    return Entry(f"mass:{act.movement_id}", postings, act.reason, at=act.happened_at)


def _check(amounts: Sequence[Amount], *, may_be_none: bool = False) -> None:
    if not amounts and may_be_none:
        return
    _check_lines(amounts)
    if any(each.mass_g <= 0 for each in amounts):
        raise Invalid("stock.mass", "each line has more than 0 g")


def _check_lines(amounts: Sequence[Amount]) -> None:
    if not 0 < len(amounts) <= LINES_MAX:
        raise Invalid("stock.lines", f"a movement has 1 to {LINES_MAX} lines")
    if len({each.material for each in amounts}) != len(amounts):
        raise Invalid("stock.lines", "each material stands on one line")

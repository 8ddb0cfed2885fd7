"""The settlement of one weigh-in: its entries in the money ledger, over revisions and payouts.

Accounts: `purchases` is what materials cost us; `payable/<account>` what we owe (negative: we
owe); `bank` what we paid. Settled = paid + pending, always, because every entry balances.
Revisions may come in any order and end in the same books: the highest one that has a price decides,
and each lower one is booked and undone, whether it came before or comes after.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from services.pricing.domain.price_book import PriceList, amount_fen
from shared.kernel.errors import Conflict
from shared.kernel.ids import derived_id
from shared.kernel.ledger import FEN, Entry, reversal, transfer

PURCHASES = "purchases"
BANK = "bank"
DOOR, DRIVE = "door", "drive"


@dataclass(frozen=True, slots=True)
class Lot:
    """What of a lot is priced."""

    lot_id: str
    material: str
    grade: str
    mass_g: int
    contamination_bp: int


@dataclass(frozen=True, slots=True)
class Line:
    """One priced lot."""

    lot_id: str
    material: str
    grade: str
    mass_g: int
    price_fen_per_kg: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class WeighIn:
    """One revision of what was weighed, as pricing needs it.

    `source` says where: at a door, under the pickup's id, or at a drive, under the visit's.
    """

    weigh_in_id: str
    account_id: str
    community_code: str
    revision: int
    lots: tuple[Lot, ...]
    weighed_at: datetime
    source: str = DOOR


@dataclass(frozen=True, slots=True)
class Settled:
    """A revision was priced and booked."""

    settlement: "Settlement"
    at: datetime


@dataclass(frozen=True, slots=True)
class Reversed:
    """An earlier revision was undone."""

    settlement: "Settlement"
    revision: int
    amount_fen: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Paid:
    """What was pending was paid."""

    settlement: "Settlement"
    amount_fen: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Settlement:
    """`waiting` are revisions, ascending, that no price list covers yet; `revision` 0: none does.

    `reversed_fen` sums the amounts of all revisions below the present one.
    """

    weigh_in_id: str
    account_id: str
    community_code: str
    revision: int
    amount_fen: int
    paid_fen: int
    reversed_fen: int
    price_list_id: str | None
    lines: tuple[Line, ...]
    entries: tuple[Entry, ...]
    waiting: tuple[WeighIn, ...] = ()
    payments: int = 0
    source: str = DOOR

    @property
    def payable(self) -> str:
        """What we owe to the account: a household's, an organisation's, a community's."""
        return f"payable/{self.account_id}"

    def knows(self, revision: int) -> bool:
        """Say whether a revision is booked, or waits."""
        booked = _entry_id(self.weigh_in_id, revision)
        waits = any(each.revision == revision for each in self.waiting)
        return waits or any(entry.id == booked for entry in self.entries)

    @property
    def pending_fen(self) -> int:
        """What is still to be paid; negative where a correction came after a payout."""
        return self.amount_fen - self.paid_fen


def unsettled(weigh_in: WeighIn) -> Settlement:
    """Return the settlement of a weigh-in before anything is priced."""
    return Settlement(
        weigh_in_id=weigh_in.weigh_in_id,
        account_id=weigh_in.account_id,
        community_code=weigh_in.community_code,
        revision=0,
        amount_fen=0,
        paid_fen=0,
        reversed_fen=0,
        price_list_id=None,
        lines=(),
        entries=(),
        source=weigh_in.source,
    )


def community_account(community_code: str) -> str:
    """Return the account of a community: what nobody in particular brought belongs to all."""
    return f"community:{community_code}"


def organisation_account(organisation_id: str) -> str:
    """Return the account of an organisation; its id never meets a household's."""
    return f"organisation:{organisation_id}"


Outcome = tuple[Settlement, tuple[object, ...]]


def settle(
    held: Settlement | None, weigh_in: WeighIn, prices: PriceList | None, *, now: datetime
) -> Outcome | None:
    """Settle a revision; None where it is known, or was never priced and a later one is settled.

    Without a price list it waits; nothing is lost.
    """
    settlement = held or unsettled(weigh_in)
    if settlement.knows(weigh_in.revision):
        return None
    return _settled(settlement, (*settlement.waiting, weigh_in), prices, now=now)


def settle_waiting(held: Settlement, prices: PriceList | None, *, now: datetime) -> Outcome | None:
    """Settle what waits and has a price now; None where nothing has."""
    return _settled(held, held.waiting, prices, now=now)


def _settled(
    before: Settlement, due: tuple[WeighIn, ...], prices: PriceList | None, *, now: datetime
) -> Outcome | None:
    """Book all that is due, in the order of revisions. All of one weigh-in have one price list."""
    after, events = replace(before, waiting=()), tuple[object, ...]()
    for weigh_in in sorted(due, key=lambda each: each.revision):
        lines = _priced(weigh_in, prices)
        if prices is None or lines is None:
            after = replace(after, waiting=(*after.waiting, weigh_in))
            continue
        after, more = _booked(after, weigh_in, prices=prices, lines=lines, now=now)
        events += more
    # Below a settled revision nothing waits: what was never booked need not be undone.
    after = replace(after, waiting=tuple(w for w in after.waiting if w.revision > after.revision))
    return (after, events) if after != before else None


def _priced(weigh_in: WeighIn, prices: PriceList | None) -> tuple[Line, ...] | None:
    """Price all lots, or None where there is no list or a lot's price is missing."""
    if prices is None:
        return None
    lines = []
    for lot in weigh_in.lots:
        price = prices.price_fen_per_kg(lot.material, lot.grade)
        if price is None:
            return None
        worth_fen = amount_fen(
            lot.mass_g, price_fen_per_kg=price, contamination_bp=lot.contamination_bp
        )
        lines.append(Line(lot.lot_id, lot.material, lot.grade, lot.mass_g, price, worth_fen))
    return tuple(lines)


def _booked(
    held: Settlement,
    weigh_in: WeighIn,
    *,
    prices: PriceList,
    lines: tuple[Line, ...],
    now: datetime,
) -> Outcome:
    """Book a revision. Of it and the present one, the lower is undone at once, to the fen."""
    booked = _with_entry(held, weigh_in, prices=prices, lines=lines)
    if weigh_in.revision < held.revision:
        undone, reversal_ = _undone(booked, now=now)
        present = replace(held, entries=undone.entries, reversed_fen=undone.reversed_fen)
        return present, (Settled(booked, now), reversal_)
    if held.revision == 0:
        return booked, (Settled(booked, now),)
    undone, reversal_ = _undone(held, now=now)
    settled = _with_entry(undone, weigh_in, prices=prices, lines=lines)
    return settled, (reversal_, Settled(settled, now))


def _undone(held: Settlement, *, now: datetime) -> tuple[Settlement, Reversed]:
    """Undo the revision that `held` shows as its present one."""
    name = _entry_id(held.weigh_in_id, held.revision)
    original = next(entry for entry in held.entries if entry.id == name)
    undoing = reversal(original, entry_id=derived_id("reversal", original.id), reason="corrected")
    undone = replace(
        held,
        amount_fen=0,
        reversed_fen=held.reversed_fen + held.amount_fen,
        entries=(*held.entries, undoing),
    )
    return undone, Reversed(undone, held.revision, held.amount_fen, now)


def _with_entry(
    held: Settlement, weigh_in: WeighIn, *, prices: PriceList, lines: tuple[Line, ...]
) -> Settlement:
    """Return the settlement with a revision as its present one, and its entry."""
    amount = sum(line.amount_fen for line in lines)
    entry = Entry(
        _entry_id(held.weigh_in_id, weigh_in.revision),
        transfer(held.payable, PURCHASES, amount=amount, unit=FEN),
        reason="weigh-in",
    )
    return replace(
        held,
        revision=weigh_in.revision,
        amount_fen=amount,
        price_list_id=prices.price_list_id,
        lines=lines,
        entries=(*held.entries, entry),
    )


def pay(held: Settlement, *, now: datetime) -> tuple[Settlement, tuple[object, ...]]:
    """Pay what is pending. `Conflict` (settlement.nothing_pending) where nothing is to be paid."""
    amount = held.pending_fen
    if held.revision == 0 or amount <= 0:
        raise Conflict("settlement.nothing_pending", "there is nothing to pay")
    entry = Entry(
        derived_id("payment", held.weigh_in_id, str(held.payments + 1)),
        transfer(BANK, held.payable, amount=amount, unit=FEN),
        reason="payout",
    )
    paid = replace(
        held,
        paid_fen=held.paid_fen + amount,
        payments=held.payments + 1,
        entries=(*held.entries, entry),
    )
    return paid, (Paid(paid, amount, now),)


def _entry_id(weigh_in_id: str, revision: int) -> str:
    return derived_id("settlement", weigh_in_id, str(revision))

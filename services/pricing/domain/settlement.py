"""The settlement of one pickup: its entries in the money ledger, over all revisions and payouts.

Accounts: `purchases` is what materials cost us; `payable/<household>` what we owe (negative: we
owe); `bank` what we paid. Settled = paid + pending, always, because every entry balances.
Events may come in either order: a correction carries the lots before and after, so that whichever
comes first, the highest revision decides, and lower ones only fill in.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from services.pricing.domain.price_book import PriceList, amount_fen
from shared.kernel.errors import Conflict
from shared.kernel.ids import derived_id
from shared.kernel.ledger import FEN, Entry, reversal, transfer

PURCHASES = "purchases"
BANK = "bank"


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
    """One revision of what was weighed, as pricing needs it."""

    pickup_id: str
    household_id: str
    community_code: str
    revision: int
    lots: tuple[Lot, ...]
    weighed_at: datetime


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
    """`revision` 0 and `unpriced` set: known, but no price list covers it yet."""

    pickup_id: str
    household_id: str
    community_code: str
    revision: int
    amount_fen: int
    paid_fen: int
    reversed_fen: int
    price_list_id: str | None
    lines: tuple[Line, ...]
    entries: tuple[Entry, ...]
    unpriced: WeighIn | None
    payments: int = 0

    @property
    def payable(self) -> str:
        """The household's account."""
        return f"payable/{self.household_id}"

    @property
    def pending_fen(self) -> int:
        """What is still to be paid; negative where a correction came after a payout."""
        return self.amount_fen - self.paid_fen


def unsettled(weigh_in: WeighIn) -> Settlement:
    """Return the settlement of a pickup before anything is priced."""
    return Settlement(
        pickup_id=weigh_in.pickup_id,
        household_id=weigh_in.household_id,
        community_code=weigh_in.community_code,
        revision=0,
        amount_fen=0,
        paid_fen=0,
        reversed_fen=0,
        price_list_id=None,
        lines=(),
        entries=(),
        unpriced=weigh_in,
    )


def settle(
    held: Settlement | None, weigh_in: WeighIn, prices: PriceList | None, *, now: datetime
) -> tuple[Settlement, tuple[object, ...]] | None:
    """Settle a revision; None where a later one is settled or waits already.

    Without a price list it waits as `unpriced`; nothing is lost.
    """
    settlement = held or unsettled(weigh_in)
    if weigh_in.revision <= settlement.revision:
        return None
    waiting = settlement.unpriced
    if waiting is not None and waiting.revision > weigh_in.revision:
        return None
    lines = _priced(weigh_in, prices)
    if prices is None or lines is None:
        if waiting == weigh_in and held is not None:
            return None
        return replace(settlement, unpriced=weigh_in), ()
    undone, events = _reversed(settlement, now=now)
    settled = _booked(undone, weigh_in, prices=prices, lines=lines)
    return settled, (*events, Settled(settled, now))


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


def _reversed(held: Settlement, *, now: datetime) -> tuple[Settlement, tuple[object, ...]]:
    """Undo the present revision, to the fen; nothing where none is settled."""
    if held.revision == 0:
        return held, ()
    original = next(e for e in reversed(held.entries) if e.id == _entry_id(held, held.revision))
    undoing = reversal(original, entry_id=derived_id("reversal", original.id), reason="corrected")
    undone = replace(
        held,
        amount_fen=0,
        reversed_fen=held.reversed_fen + held.amount_fen,
        entries=(*held.entries, undoing),
    )
    return undone, (Reversed(undone, held.revision, held.amount_fen, now),)


def _booked(
    held: Settlement, weigh_in: WeighIn, *, prices: PriceList, lines: tuple[Line, ...]
) -> Settlement:
    amount = sum(line.amount_fen for line in lines)
    entry = Entry(
        _entry_id(held, weigh_in.revision),
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
        unpriced=None,
    )


def pay(held: Settlement, *, now: datetime) -> tuple[Settlement, tuple[object, ...]]:
    """Pay what is pending. `Conflict` (settlement.nothing_pending) where nothing is to be paid."""
    amount = held.pending_fen
    if held.revision == 0 or amount <= 0:
        raise Conflict("settlement.nothing_pending", "there is nothing to pay")
    entry = Entry(
        derived_id("payment", held.pickup_id, str(held.payments + 1)),
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


def _entry_id(held: Settlement, revision: int) -> str:
    return derived_id("settlement", held.pickup_id, str(revision))

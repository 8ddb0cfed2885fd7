"""The deposit on a party's crates of one type, in the money ledger.

Accounts: `deposits/<party>` is what we hold of it (negative: it is the party's),
`receivable/<party>` what the party owes for deposits (negative: we owe), `forfeited/<party>` what
is ours because crates were lost. A deposit is charged for pieces that a party comes to hold and
refunded for those that it gives back, at what was charged for them: the held deposit is shared
evenly among the held pieces, so that a new rate changes nothing of what is out. A party that gave
back more than it had holds no deposit, and what is recorded late then costs and gives nothing: the
order of issues and returns does not matter.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from shared.kernel.ids import derived_id
from shared.kernel.ledger import FEN, Entry, transfer

Act = Literal["issued", "returned", "lost", "found"]


@dataclass(frozen=True, slots=True)
class CratesTold:
    """Pieces of one type in a movement of a party, and the deposit on one piece on that day."""

    movement_id: str
    act: Act
    party_id: str
    crate_type: str
    pieces: int
    rate_fen: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Deposit:
    """What a party holds and has lost of a type, and the deposit for it.

    `pieces` and `lost` are what events say, and may be negative; no deposit is.
    """

    party_id: str
    crate_type: str
    pieces: int = 0
    held_fen: int = 0
    lost: int = 0
    forfeited_fen: int = 0
    entries: tuple[Entry, ...] = ()

    def told(self, told: CratesTold) -> "Deposit":
        """Take a movement: pieces, and what is charged, refunded, forfeited or held again."""
        match told.act:
            case "issued":
                return self._charged(told, self._more(told.pieces))._moved(told.pieces)
            case "returned":
                return self._refunded(told)._moved(-told.pieces)
            case "lost":
                return self._forfeited(told)._moved(-told.pieces, lost=told.pieces)
            case "found":
                return self._found(told)._moved(told.pieces, lost=-told.pieces)

    def _moved(self, pieces: int, *, lost: int = 0) -> "Deposit":
        return replace(self, pieces=self.pieces + pieces, lost=self.lost + lost)

    def _more(self, pieces: int) -> int:
        """Return how many more pieces bear a deposit, where so many come."""
        return max(self.pieces + pieces, 0) - max(self.pieces, 0)

    def _share_fen(self, pieces: int) -> int:
        """Return the deposit on what bears one no more, where so many go."""
        gone = max(self.pieces, 0) - max(self.pieces - pieces, 0)
        return self.held_fen * gone // self.pieces if gone else 0

    def _charged(self, told: CratesTold, pieces: int) -> "Deposit":
        amount = told.rate_fen * pieces
        return self._booked(told, f"deposits/{self.party_id}", self._due, amount, held=amount)

    def _refunded(self, told: CratesTold) -> "Deposit":
        amount = self._share_fen(told.pieces)
        return self._booked(told, self._due, f"deposits/{self.party_id}", amount, held=-amount)

    def _forfeited(self, told: CratesTold) -> "Deposit":
        amount = self._share_fen(told.pieces)
        ours = f"forfeited/{self.party_id}"
        booked = self._booked(told, ours, f"deposits/{self.party_id}", amount, held=-amount)
        return replace(booked, forfeited_fen=booked.forfeited_fen + amount)

    def _found(self, told: CratesTold) -> "Deposit":
        """Hold again what was forfeited; what was found beyond what was lost is charged."""
        more = self._more(told.pieces)
        again = min(more, max(self.lost, 0))
        amount = self.forfeited_fen * again // self.lost if again else 0
        ours = f"forfeited/{self.party_id}"
        booked = self._booked(told, f"deposits/{self.party_id}", ours, amount, held=amount)
        restored = replace(booked, forfeited_fen=booked.forfeited_fen - amount)
        return restored._charged(told, more - again)

    @property
    def _due(self) -> str:
        return f"receivable/{self.party_id}"

    def _booked(
        self, told: CratesTold, source: str, target: str, amount: int, *, held: int
    ) -> "Deposit":
        if not amount:
            return self
        name = derived_id("deposit", told.movement_id, self.crate_type, source, target)
        moved = transfer(source, target, amount=amount, unit=FEN)
        entry = Entry(name, moved, f"crates-{told.act}", at=told.at)
        return replace(self, held_fen=self.held_fen + held, entries=(*self.entries, entry))


def deposit_id(party_id: str, crate_type: str) -> str:
    """Return the id of the deposit of a party and type."""
    return derived_id("crate-deposit", party_id, crate_type)

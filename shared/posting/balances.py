"""Balances of accounts, now and at any time, as a service's API and jobs ask for them."""

from dataclasses import dataclass
from datetime import datetime

from shared.posting.batch import Balance, balances_of
from shared.posting.mongo_balances import MongoBalances
from shared.posting.mongo_ledgers import MongoLedgers


@dataclass(frozen=True, slots=True)
class Balances:
    """Rows for full hours, and the entries of the hour that is asked about."""

    rows: MongoBalances
    ledgers: MongoLedgers

    def now(self, account: str, *, is_prefix: bool = False) -> list[Balance]:
        """Return what is posted on an account, or on all whose names begin so."""
        return self.rows.now(account, is_prefix=is_prefix)

    def at(self, instant: datetime, account: str, *, is_prefix: bool = False) -> list[Balance]:
        """Return what lay there at an instant of business time, that instant included."""
        hour = instant.replace(minute=0, second=0, microsecond=0)
        before = self.rows.at(instant, account, is_prefix=is_prefix)
        within = self.ledgers.between(hour, instant, account, is_prefix=is_prefix)
        return balances_of([*before, *within])

"""Lines of the stock register: what each place holds at the end of a period.

It reads the rows of balances. What waits to be posted is posted first, so that a movement that was
recorded is in it.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

from services.tracking.adapters.register_origins import StockOrigins
from services.tracking.adapters.register_places import PlaceDivisions
from services.tracking.application.register_ports import Wanted
from services.tracking.domain.register import Kind
from services.tracking.domain.register_lines import (
    CONCERNS,
    GRAMS,
    QUARANTINE,
    Line,
    place_of,
    tag_of,
)
from shared.posting.batch import Balance
from shared.posting.mongo_balances import MongoBalances

LAST_MOMENT = timedelta(milliseconds=1)


class StockLines:
    """`RegisterLines` of the stock register."""

    def __init__(
        self,
        rows: MongoBalances,
        divisions: Callable[[], PlaceDivisions],
        *,
        origins: Callable[[], StockOrigins],
        settle: Callable[[], object],
    ) -> None:
        """`settle` posts what waits; `origins` gives a fresh reader of manifests."""
        self._rows = rows
        self._divisions = divisions
        self._origins = origins
        self._settle = settle

    @property
    def kinds(self) -> frozenset[Kind]:
        """The stock register only."""
        return frozenset({Kind.STOCK})

    def lines(self, wanted: Wanted) -> Iterator[Line]:
        """Return a line an account and material, by account; empty ones have none.

        A period ends with a legal day, which is a full hour: rows know it without any entry.
        """
        self._settle()
        divisions, origins = self._divisions(), self._origins()
        prefixes = CONCERNS[wanted.kind].prefixes
        for prefix in sorted(prefixes):
            for balance in self._rows.each_at(wanted.until, prefix):
                if balance.measure == GRAMS:
                    line = _line(balance, wanted, divisions)
                    came_by = origins.of(balance.account, balance.kind, until=wanted.until)
                    yield replace(line, manifest_numbers=came_by)


def _line(balance: Balance, wanted: Wanted, divisions: PlaceDivisions) -> Line:
    place_id = place_of(balance.account)
    tag = tag_of(balance.account)
    return Line(
        line_id=f"{balance.account} {balance.kind}",
        at=wanted.until - LAST_MOMENT,
        document_type="",
        document_id="",
        act="",
        material=balance.kind,
        mass_g=balance.amount,
        division=divisions.of(place_id),
        place_id=place_id,
        container_tags=(tag,) if tag else (),
        in_quarantine=balance.account.startswith(QUARANTINE),
        owner_id=divisions.operator_of(place_id),
    )

"""The part of tracking's wiring that is about the pool of crates."""

from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter
from pymongo.database import Database

from services.tracking.adapters.announcements import announce
from services.tracking.adapters.mongo_crates import MongoCrateSearch, MongoParties
from services.tracking.application.crate_desk import CrateDesk
from services.tracking.domain.crates import CrateMovement
from services.tracking.entrypoints.crate_http import (
    Pool,
    crate_history_router,
    crate_moves_router,
    crate_reading_router,
)
from services.tracking.entrypoints.crate_reactions import crate_reaction
from shared.kernel.clock import Clock
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.outbox_bound import OutboxBound
from shared.messaging.reactions import Reaction
from shared.posting.balances import Balances
from shared.posting.mongo_balances import MongoBalances
from shared.posting.mongo_ledgers import BESIDE, MongoLedgers
from shared.reference.crate_types import crate_type

PARTIES, MOVEMENTS = "party_crates", "crate_movements"
Documents = dict[str, Any]


class CrateWiring:
    """Parties' crates and their movements over one database; `rows` are the ledger's balances."""

    def __init__(
        self,
        database: Database[Documents],
        rows: MongoBalances,
        *,
        clock: Clock,
        bound: OutboxBound,
    ) -> None:
        """`bound` refuses movements while too much waits for Kafka."""
        self.parties = MongoParties(database[PARTIES], announce, bound)
        self.movements = MongoAggregates(
            database[MOVEMENTS],
            kind="crate_movement",
            state_type=CrateMovement,
            announce=announce,
            beside=BESIDE,
        )
        balances = Balances(rows, MongoLedgers([database[MOVEMENTS]]))
        self.search = MongoCrateSearch(self.parties, self.movements, balances)
        self._desk = CrateDesk(
            self.parties, lambda code, on: crate_type(code, on=on).limit_pieces, clock
        )

    def prepare(self) -> None:
        """Create indexes; may be repeated."""
        for part in (self.parties, self.movements, self.search):
            part.prepare()

    def reaction(self) -> Reaction:
        """Return what posts the movements that parties' documents decided."""
        return crate_reaction(self.movements)

    def routers(self) -> Sequence[APIRouter]:
        """Return the routes of crates."""
        pool = Pool(self._desk, self.search)
        return [
            crate_moves_router(pool),
            crate_reading_router(pool),
            crate_history_router(pool),
        ]

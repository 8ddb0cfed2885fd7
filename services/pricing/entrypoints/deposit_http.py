"""Pricing's API of deposits on crates."""

from typing import Annotated

from fastapi import APIRouter, Depends

from services.pricing.adapters.mongo_deposits import MongoDeposits
from services.pricing.domain.deposit import Deposit
from shared.contracts.topic import OpaqueId
from shared.http.auth import Caller, role
from shared.http.body import View
from shared.kernel.aggregate import Stored
from shared.kernel.errors import NotFound

Looking = Annotated[Caller, Depends(role("operator", "company", own=("company",)))]


class DepositView(View):
    """The deposit on one type; `due_fen` is what was charged less what was refunded."""

    crate_type: str
    pieces: int
    lost: int
    held_fen: int
    forfeited_fen: int
    due_fen: int


class DepositsView(View):
    """All deposits of a party."""

    party_id: str
    items: list[DepositView]


def deposits_router(deposits: MongoDeposits) -> APIRouter:
    """Return the route of a party's deposits."""
    router = APIRouter(prefix="/v1", tags=["deposits"])

    @router.get("/deposits/{party_id}")
    def of_party(party_id: OpaqueId, caller: Looking) -> DepositsView:
        if not caller.has("operator") and caller.subject != party_id:
            raise NotFound("deposit.not_found", "there is no such thing")
        items = [deposit_view(each) for each in deposits.of_party(party_id)]
        return DepositsView(party_id=party_id, items=items)

    return router


def deposit_view(stored: Stored[Deposit]) -> DepositView:
    """Return the view of a deposit."""
    held = stored.state
    return DepositView(
        crate_type=held.crate_type,
        pieces=held.pieces,
        lost=held.lost,
        held_fen=held.held_fen,
        forfeited_fen=held.forfeited_fen,
        due_fen=held.held_fen + held.forfeited_fen,
    )

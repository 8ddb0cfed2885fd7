"""Tracking's API: balances and books. What containers and quarantine offer is in files beside."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query

from services.tracking.adapters.mongo_mass import MongoMass
from shared.http.auth import Watcher
from shared.http.body import View


@dataclass(frozen=True, slots=True)
class Office:
    """What the API works with."""

    mass: MongoMass
    books: Callable[[], dict[str, Any]]


class BalanceView(View):
    """The grams of one material on one account."""

    account: str
    material: str
    mass_g: int


class BalancesView(View):
    """Balances under a prefix."""

    items: list[BalanceView]


def router(office: Office) -> APIRouter:
    """Return the routes of the ledger."""
    routes = APIRouter(prefix="/v1", tags=["tracking"])

    @routes.get("/balances")
    def balances(
        _caller: Watcher, prefix: Annotated[str, Query(min_length=1, max_length=128)]
    ) -> BalancesView:
        found = office.mass.balances(prefix)
        return BalancesView(items=[BalanceView(**each) for each in found])

    @routes.get("/reconciliation")
    def reconciliation(_caller: Watcher) -> dict[str, Any]:
        return office.books()

    return routes

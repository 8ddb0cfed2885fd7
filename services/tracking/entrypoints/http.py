"""Tracking's books. What containers, stock and quarantine offer is in files beside."""

from collections.abc import Callable
from typing import Any

from fastapi import APIRouter

from shared.http.auth import Watcher


def router(books: Callable[[], dict[str, Any]]) -> APIRouter:
    """Return the route of the books, which walks over all entries."""
    routes = APIRouter(prefix="/v1", tags=["tracking"])

    @routes.get("/reconciliation")
    def reconciliation(_caller: Watcher) -> dict[str, Any]:
        return books()

    return routes

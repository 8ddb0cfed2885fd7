"""How long tracking keeps what, and by which law."""

from fastapi import APIRouter

from shared.http.auth import Anybody
from shared.http.body import View
from shared.kernel.clock import Clock, legal_day
from shared.reference.retention import Retention, retention_on


class RetentionView(View):
    """A rule: records are kept for so many years after their last change, and never deleted before.

    `certainty`: V read in the named text, X read in an excerpt of it, M from memory.
    """

    record: str
    years: int
    certainty: str
    source: str


class RetentionsView(View):
    """The rules that hold today."""

    items: list[RetentionView]


def retention_router(clock: Clock) -> APIRouter:
    """Return the route of the rules; it reads a file."""
    routes = APIRouter(prefix="/v1", tags=["registers"])

    @routes.get("/retention")
    def retention(_caller: Anybody) -> RetentionsView:
        found = retention_on(legal_day(clock.now()))
        return RetentionsView(items=[_view(each) for each in found if each.years])

    return routes


def _view(rule: Retention) -> RetentionView:
    return RetentionView.model_validate(rule)

"""Keeping the registry of parties and their permits: each change is a new revision."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from typing import Protocol, TypeVar

from services.tracking.domain.consignment_permits import Approval
from shared.kernel.aggregate import Aggregates, Decision, Request, Stored
from shared.kernel.errors import Conflict, Invalid, NotFound, Unavailable

TRIES = 4


class Revised(Protocol):
    """A record with a revision, from 1."""

    @property
    def revision(self) -> int:
        """The present one."""


R = TypeVar("R", bound=Revised)


def put(
    shelf: Aggregates[R],
    record_id: str,
    made: Callable[[int], R],
    *,
    request: Request[R],
) -> Stored[R]:
    """Create a record, or give it its next revision; `made` gets the number of the revision."""
    for _ in range(TRIES):
        with suppress(NotFound):
            return shelf.change(
                record_id, lambda held: Decision(made(held.revision + 1)), request=request
            )
        with suppress(Conflict):  # somebody else created it meanwhile: change that one
            return shelf.create(record_id, Decision(made(1)), request=request)
    raise Unavailable("storage.contended", "this record changes too often; try again")


def check_approval(approval: Approval) -> Approval:
    """Return the approval; `Invalid` (approval.too_long) where it is for more than 12 months."""
    if approval.valid_to >= _a_year_after(approval.valid_from):
        raise Invalid("approval.too_long", "an approval is for 12 months at the most")
    return approval


def check_period(first: date, last: date) -> None:
    """Raise `Invalid` (permit.period) where a permit ends before it begins."""
    if last < first:
        raise Invalid("permit.period", "it ends before it begins")


def _a_year_after(day: date) -> date:
    """Return the same day a year later; of 29 February the 1 March."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return date(day.year + 1, 3, 1)

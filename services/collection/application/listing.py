"""Lists of pickups: what they are narrowed to, and where a page goes on.

A list's order is by service day, oldest or newest first; within a day by the pickup's id, in a list
over several communities by community before. A page goes on behind a key, so that what is added or
changed meanwhile shifts nothing. What moves to another day while it is read may have been told
already: then it is left out (`told_before`).
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.collection.domain.pickup import Pickup
from services.collection.domain.states import Act, State
from shared.kernel.aggregate import Stored

LISTED = tuple(state for state in State if state is not State.LAPSED)


@dataclass(frozen=True, slots=True)
class OfHouseholds:
    """Pickups of some households, 100 at the most."""

    household_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OfCommunity:
    """Pickups of one community."""

    community_code: str


@dataclass(frozen=True, slots=True)
class OfArea:
    """Pickups of all communities whose code begins so; "" is everywhere."""

    prefix: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is narrowed to, from `first` to `last`."""

    scope: OfHouseholds | OfCommunity | OfArea
    states: tuple[State, ...] = LISTED
    first: date | None = None
    last: date | None = None
    newest_first: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Key:
    """Where a pickup stands in a list."""

    service_day: date
    community_code: str
    pickup_id: str


@dataclass(frozen=True, slots=True)
class Behind:
    """A page begins behind `key`, of a list whose first page was told at `begun_at`."""

    key: Key
    begun_at: datetime


@dataclass(frozen=True, slots=True)
class BehindReview:
    """A page of reviews begins behind the pickup that waits `since`, of a list begun before."""

    since: datetime
    pickup_id: str
    begun_at: datetime


class Lists(Protocol):
    """Pages of pickups, each served by an index. They block and raise `Unavailable`."""

    def page(self, wanted: Wanted, *, behind: Key | None, limit: int) -> list[Stored[Pickup]]:
        """Return up to `limit` pickups in the list's order."""

    def stops(self, collector_id: str, service_day: date) -> list[Stored[Pickup]]:
        """Return a collector's stops of a day in the order of the tour, 500 at the most."""

    def tour(self, tour_id: str) -> list[Stored[Pickup]]:
        """Return a tour's stops in its order, 500 at the most."""

    def reviews(
        self, code: str | None, *, behind: BehindReview | None, limit: int
    ) -> list[Stored[Pickup]]:
        """Return pickups with open reviews (of a code), the longest waiting first."""


def read_page(
    wanted: Wanted, *, behind: Behind | None, lists: Lists, limit: int
) -> tuple[list[Stored[Pickup]], Key | None]:
    """Return a page without what was told before, and where it ended if another may follow."""
    found = lists.page(wanted, behind=behind.key if behind else None, limit=limit + 1)
    shown = found[:limit]
    ended = key_of(shown[-1].state) if len(found) > limit else None
    if behind is not None:
        shown = [each for each in shown if not told_before(each.state, behind, wanted=wanted)]
    return shown, ended


def read_reviews(
    code: str | None, *, behind: BehindReview | None, lists: Lists, limit: int
) -> tuple[list[Stored[Pickup]], Stored[Pickup] | None]:
    """Return a page of reviews without what was told before, and its last if more may follow."""
    found = lists.reviews(code, behind=behind, limit=limit + 1)
    shown = found[:limit]
    ended = shown[-1] if len(found) > limit else None
    if behind is not None:
        shown = [each for each in shown if not _waited_before(each.state, behind)]
    return shown, ended


def key_of(pickup: Pickup) -> Key:
    """Return where a pickup stands."""
    return Key(pickup.booking.service_day, pickup.booking.community_code, pickup.pickup_id)


def told_before(pickup: Pickup, behind: Behind, *, wanted: Wanted) -> bool:
    """Say whether a pickup stood before the page's begin at a time since the list was begun."""
    steps = [step for step in pickup.history if step.act == Act.AMEND]
    moves = sum(step.at > behind.begun_at for step in steps)
    earlier = pickup.earlier[len(pickup.earlier) - moves :] if moves else ()
    keys = [Key(each.service_day, each.community_code, pickup.pickup_id) for each in earlier]
    return any(_is_passed(key, behind.key, newest_first=wanted.newest_first) for key in keys)


def _is_passed(key: Key, end: Key, *, newest_first: bool) -> bool:
    return key >= end if newest_first else key <= end


def _waited_before(pickup: Pickup, behind: BehindReview) -> bool:
    end = (behind.since, behind.pickup_id)
    return any(
        (review.opened_at, pickup.pickup_id) <= end
        for review in pickup.reviews
        if review.resolved_at is not None and review.resolved_at > behind.begun_at
    )

"""What a list of pickups is asked for, and how a page's cursor is read.

Who may see what is part of the scope: residents and companies their own households, regulators
their area. Only what an index serves is offered; the rest is refused (search.not_offered).
"""

import hashlib
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from fastapi import Query
from pydantic import StringConstraints

from services.collection.application.desk import Desk, own_household, own_household_ids
from services.collection.application.listing import (
    LISTED,
    Behind,
    BehindReview,
    Key,
    OfArea,
    OfCommunity,
    OfHouseholds,
    Wanted,
)
from services.collection.domain.pickup import Pickup
from services.collection.domain.states import State
from shared.contracts.topic import EARLIEST, LATEST, CommunityCode, OpaqueId
from shared.http.auth import Caller
from shared.http.body import Day
from shared.http.paging import Cursor, decode_cursor, encode_cursor
from shared.kernel.clock import legal_day
from shared.kernel.errors import Invalid, NotFound

COMMUNITY_DIGITS = 12
# Without days an area's list begins a year back; it reaches over all that can be booked.
AREA_GOES_BACK = timedelta(days=366)
AREA_SPANS = timedelta(days=432)
StateName = Literal[
    "booked",
    "assigned",
    "en_route",
    "at_door",
    "weighed",
    "stands",
    "disputed",
    "upheld",
    "corrected",
    "failed",
    "missed",
    "cancelled",
]
AreaCode = Annotated[str, StringConstraints(pattern=r"^[0-9]{2,12}$")]
Scope = OfHouseholds | OfCommunity | OfArea
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PickupQuery:
    """A list of pickups by service day. A household, a community or an area; not several."""

    household_id: Annotated[OpaqueId | None, Query()] = None
    community_code: Annotated[CommunityCode | None, Query()] = None
    area_code: Annotated[AreaCode | None, Query(description="a division code's beginning")] = None
    service_day: Day | None = None
    first: Annotated[Day | None, Query(alias="from")] = None
    last: Annotated[Day | None, Query(alias="to")] = None
    state: Annotated[tuple[StateName, ...], Query(max_length=12)] = ()
    sort: Literal["oldest", "newest"] = "oldest"
    cursor: Cursor = None

    def wanted(self, caller: Caller, *, desk: Desk) -> Wanted:
        """Return what is listed for the caller; `Invalid` (search.…), `NotFound` (household)."""
        scope = self._scope(caller, desk=desk)
        first, last = self._days()
        if isinstance(scope, OfArea) and scope.prefix:
            first, last = _bounded(first, last, today=legal_day(desk.clock.now()))
        return Wanted(
            scope=scope,
            states=tuple(State(each) for each in dict.fromkeys(self.state)) or LISTED,
            first=first,
            last=last,
            newest_first=self.sort == "newest",
        )

    def behind(self, caller: Caller, wanted: Wanted) -> Behind | None:
        """Return where the page begins, or raise `Invalid` (paging.cursor)."""
        if self.cursor is None:
            return None
        kind, begun_ms, day, code, pickup_id = decode_cursor(self.cursor, str, int, str, str, str)
        key = Key(_day(str(day)), str(code), str(pickup_id))
        if kind != self._kind(caller) or not _is_within(key, wanted):
            raise never_given()
        return Behind(key, instant_of(int(begun_ms)))

    def cursor_behind(self, key: Key, caller: Caller, *, begun_at: datetime) -> str:
        """Return the cursor of the page behind a key, of a list begun at an instant."""
        where = (key.service_day.isoformat(), key.community_code, key.pickup_id)
        return encode_cursor(self._kind(caller), milliseconds(begun_at), *where)

    def _kind(self, caller: Caller) -> str:
        """A cursor is good for the caller and the query that it was given for, and no other."""
        asked = (caller.subject, sorted(caller.roles), caller.area_code, *astuple(self)[:-1])
        return hashlib.sha256(repr(asked).encode()).hexdigest()[:16]

    def _days(self) -> tuple[date | None, date | None]:
        if self.service_day is not None and (self.first or self.last):
            raise not_offered("ask for one day, or for days from and to")
        if self.first and self.last and self.last < self.first:
            raise Invalid("search.days", "the last day is not before the first")
        return self.service_day or self.first, self.service_day or self.last

    def _scope(self, caller: Caller, *, desk: Desk) -> Scope:
        asked = [self.household_id, self.community_code, self.area_code]
        if sum(each is not None for each in asked) > 1:
            raise not_offered("ask for a household, a community or an area")
        if caller.has("operator"):
            return self._anybodys("", desk=desk)
        if caller.has("regulator"):
            return self._anybodys(caller.area_code or "", desk=desk)
        if self.community_code or self.area_code:
            raise not_offered("communities and areas are listed for staff")
        if self.household_id is None:
            return OfHouseholds(tuple(own_household_ids(caller.subject, desk=desk)))
        own_household(self.household_id, caller.subject, is_staff=False, desk=desk)
        return OfHouseholds((self.household_id,))

    def _anybodys(self, area: str, *, desk: Desk) -> Scope:
        """Return what staff ask for, as far as it is in their area; elsewhere is nothing."""
        if self.household_id is not None:
            code = desk.households.get(self.household_id).state.community_code
            if not code.startswith(area):
                raise NotFound("household.not_found", "there is no such thing")
            return OfHouseholds((self.household_id,))
        asked = self.community_code or self.area_code or ""
        prefix = max(asked, area, key=len)
        if not prefix.startswith(asked) or not prefix.startswith(area):
            return OfHouseholds(())
        return OfCommunity(prefix) if len(prefix) == COMMUNITY_DIGITS else OfArea(prefix)


def _bounded(first: date | None, last: date | None, *, today: date) -> tuple[date, date]:
    """Return the days of an area's list: each day costs a look, also where there is nothing."""
    begins = first or (last or today) - AREA_GOES_BACK
    ends = last or begins + AREA_SPANS
    if ends - begins > AREA_SPANS:
        raise Invalid("search.days", f"an area is listed for {AREA_SPANS.days} days at most")
    return begins, ends


def behind_review(cursor: str | None, code: str | None) -> BehindReview | None:
    """Return where a page of reviews begins, or raise `Invalid` (paging.cursor)."""
    if cursor is None:
        return None
    kind, begun_ms, since_ms, pickup_id = decode_cursor(cursor, str, int, int, str)
    if kind != (code or ""):
        raise never_given()
    return BehindReview(instant_of(int(since_ms)), str(pickup_id), instant_of(int(begun_ms)))


def cursor_behind_review(code: str | None, last: Pickup, *, begun_at: datetime) -> str | None:
    """Return the cursor of the page of reviews behind a pickup, of a list begun at an instant."""
    if last.waiting is None:
        return None
    since_ms = milliseconds(last.waiting.since)
    return encode_cursor(code or "", milliseconds(begun_at), since_ms, last.pickup_id)


def milliseconds(instant: datetime) -> int:
    """Return an instant as milliseconds since 1970."""
    return (instant - EPOCH) // timedelta(milliseconds=1)


def instant_of(ms: int) -> datetime:
    """Return the instant of some milliseconds, or raise `Invalid` (paging.cursor)."""
    if not milliseconds(EARLIEST) <= ms < milliseconds(LATEST):
        raise never_given()
    return EPOCH + timedelta(milliseconds=ms)


def never_given() -> Invalid:
    """Return the refusal of a cursor."""
    return Invalid("paging.cursor", "this cursor was never given")


def not_offered(why: str) -> Invalid:
    """Return the refusal of a combination that no index serves."""
    return Invalid("search.not_offered", why)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise never_given() from None
    if day.isoformat() != text:
        raise never_given()
    return day


def _is_within(key: Key, wanted: Wanted) -> bool:
    """Say whether a list could have ended a page there; only a made-up cursor says otherwise."""
    begun = wanted.first is None or wanted.first <= key.service_day
    ended = wanted.last is None or key.service_day <= wanted.last
    scope = wanted.scope
    prefix = scope.prefix if isinstance(scope, OfArea) else ""
    return begun and ended and key.community_code.startswith(prefix)

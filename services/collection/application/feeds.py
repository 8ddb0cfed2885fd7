"""Making, ending and reading calendar feeds, of whatever has a source of entries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from services.collection.application.desk import Desk, membership
from services.collection.domain.codes import hashed
from services.collection.domain.feeds import (
    ENTRIES_MAX,
    SHOWN_BACK,
    Entry,
    Feed,
    feed_id,
    pickup_entry,
)
from shared.kernel.aggregate import Aggregates, Decision, Request, Stored
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict, NotFound, Unavailable

HOUSEHOLD = "household"
PURPOSE = "calendar"
TRIES = 4


class Feeds(Aggregates[Feed], Protocol):
    """Feeds by their id."""

    def by_token(self, token_sha256: str) -> Feed | None:
        """Return the feed that a token reads."""


class Source(Protocol):
    """Whose entries a kind of feed shows. Calls block and raise `Unavailable`."""

    def holder(self, subject_id: str, caller: str, *, is_staff: bool) -> str:
        """Return as whom the caller may hold a feed of this, or raise `NotFound`."""

    def entries(self, subject_id: str, holder: str) -> Sequence[Entry]:
        """Return up to 400 entries; `NotFound` where the holder may not read them any more."""


@dataclass(frozen=True, slots=True)
class FeedOffice:
    """What feeds work with: a source for each kind."""

    desk: Desk
    feeds: Feeds
    sources: Mapping[str, Source]


@dataclass(frozen=True, slots=True)
class MakeFeed:
    """Somebody wants a feed, or a new token for it."""

    kind: str
    subject_id: str
    language: str
    caller: str
    is_staff: bool


def make_feed(
    cmd: MakeFeed, *, office: FeedOffice, request: Request[Feed]
) -> tuple[Stored[Feed], str]:
    """Make a feed, or give it a new token; a repeat gets the same one. `NotFound` for others."""
    holder = _source(cmd.kind, office).holder(cmd.subject_id, cmd.caller, is_staff=cmd.is_staff)
    token = office.desk.codes.code(PURPOSE, request.scope)
    feed = Feed(cmd.kind, cmd.subject_id, holder, cmd.language, hashed(token))
    return _kept(feed, office=office, request=request), token


def end_feed(
    entity_id: str, caller: str, *, is_staff: bool, office: FeedOffice, request: Request[Feed]
) -> Stored[Feed]:
    """Let nobody read a feed any more; `NotFound` (calendar.not_found) for others' feeds."""
    feed = office.feeds.get(entity_id).state
    source = _source(feed.kind, office)
    if source.holder(feed.subject_id, caller, is_staff=is_staff) != feed.holder:
        raise NotFound("calendar.not_found", "there is no such calendar")
    return office.feeds.change(entity_id, lambda held: Decision(held.ended()), request=request)


def read_feed(token: str, *, office: FeedOffice) -> tuple[Feed, Sequence[Entry]]:
    """Return what a token reads; `NotFound` (calendar.not_found) for any other token."""
    feed = office.feeds.by_token(hashed(token))
    if feed is None:
        raise NotFound("calendar.not_found", "there is no such calendar")
    try:
        return feed, _source(feed.kind, office).entries(feed.subject_id, feed.holder)
    except NotFound:
        raise NotFound("calendar.not_found", "there is no such calendar") from None


class HouseholdPickups:
    """`Source` of a household's pickups, for its members."""

    def __init__(self, desk: Desk) -> None:
        """Nothing is kept."""
        self._desk = desk

    def holder(self, subject_id: str, caller: str, *, is_staff: bool) -> str:  # noqa: ARG002 - a member's own matter
        """Return the caller's person, or raise `NotFound` (household.not_found)."""
        membership(subject_id, caller, desk=self._desk)
        person = self._desk.people.of(caller)
        if person is None:
            raise NotFound("household.not_found", "there is no such thing")
        return person.id

    def entries(self, subject_id: str, holder: str) -> Sequence[Entry]:
        """Return the pickups of the last 30 days and to come; cancelled ones too."""
        household = self._desk.households.get(subject_id).state
        person = self._desk.people.get_many([holder]).get(holder)
        if household.member(holder) is None or person is None or not person.state.is_active:
            raise NotFound("household.not_found", "there is no such thing")
        since = legal_day(self._desk.clock.now() - SHOWN_BACK)
        found = self._desk.search.of_household(subject_id, since=since, limit=ENTRIES_MAX)
        return [pickup_entry(stored.state) for stored in found]


def _kept(feed: Feed, *, office: FeedOffice, request: Request[Feed]) -> Stored[Feed]:
    entity_id = feed_id(feed.kind, feed.subject_id, feed.holder)
    for _ in range(TRIES):
        try:
            return office.feeds.change(entity_id, lambda _: Decision(feed), request=request)
        except NotFound:
            pass
        try:
            return office.feeds.create(entity_id, Decision(feed), request=request)
        except Conflict:  # another request made it just now
            continue
    raise Unavailable("storage.contended", "this calendar changes too often; try again")


def _source(kind: str, office: FeedOffice) -> Source:
    if kind not in office.sources:
        raise NotFound("calendar.kind", "there are no calendars of this kind")
    return office.sources[kind]

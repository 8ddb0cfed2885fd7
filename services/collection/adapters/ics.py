"""Feeds as iCalendar (RFC 5545): the same entries give the same bytes, so that an ETag is exact."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from icalendar import Calendar, Event, Timezone, TimezoneStandard

from services.collection.adapters.wording import catalogue, marked
from services.collection.domain.feeds import Entry, Feed
from shared.kernel.clock import SHANGHAI

ZONE = "Asia/Shanghai"
OFFSET = timedelta(hours=8)
ONE_OFFSET_SINCE = datetime(1991, 9, 15, 1)  # noqa: DTZ001 - a zone's onset is local by definition
REFRESH_EVERY = timedelta(hours=1)
NAMES: Mapping[str, str] = {
    "household": marked("Recycling pickups"),
    "site": marked("Recycling drives"),
}
# What an entry is called, as it is and where it is cancelled.
SUMMARIES: Mapping[str, tuple[str, str]] = {
    "pickup": (marked("Recycling pickup"), marked("Cancelled: recycling pickup")),
    "drive": (marked("Recycling drive"), marked("Cancelled: recycling drive")),
}


def calendar_of(feed: Feed, entries: Sequence[Entry]) -> bytes:
    """Return a feed's document."""
    words = catalogue(feed.language).gettext
    calendar = Calendar()
    calendar.add("prodid", "-//Greenloop//collection//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("x-wr-calname", words(NAMES[feed.kind]))
    calendar.add("x-wr-timezone", ZONE)
    calendar.add("refresh-interval", REFRESH_EVERY, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    calendar.add_component(_zone())
    for entry in sorted(entries, key=lambda each: (each.starts_at, each.uid)):
        calendar.add_component(
            _event(entry, summary=words(SUMMARIES[entry.summary][entry.is_cancelled]))
        )
    return bytes(calendar.to_ical())


def _event(entry: Entry, *, summary: str) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", entry.changed_at)
    event.add("last-modified", entry.changed_at)
    event.add("dtstart", _local(entry.starts_at), parameters={"TZID": ZONE})
    event.add("dtend", _local(entry.ends_at), parameters={"TZID": ZONE})
    event.add("summary", summary)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT")
    return event


def _local(instant: datetime) -> datetime:
    """Return the wall clock in Shanghai; the property names the zone."""
    return instant.astimezone(SHANGHAI).replace(tzinfo=None)


def _zone() -> Timezone:
    """China has one offset and no summer time since 1991."""
    zone = Timezone()
    zone.add("tzid", ZONE)
    standard = TimezoneStandard()
    standard.add("dtstart", ONE_OFFSET_SINCE)
    standard.add("tzoffsetfrom", OFFSET)
    standard.add("tzoffsetto", OFFSET)
    standard.add("tzname", "CST")
    zone.add_component(standard)
    return zone

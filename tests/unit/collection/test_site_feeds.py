"""A site's calendar: what was announced, under UIDs that stay and sequences that only grow."""

from datetime import timedelta

import pytest
from icalendar import Calendar
from icalevents.icalevents import events

from services.collection.adapters.ics import calendar_of
from services.collection.application import drives, erasing, feeds
from services.collection.application.feeds import FeedOffice, MakeFeed
from services.collection.application.site_feeds import SITE, SiteDrives
from services.collection.domain.feeds import Feed
from shared.kernel.errors import NotFound
from tests.unit.collection.builders import House, plain_request
from tests.unit.collection.drive_builders import BEGIN, CITY, END, NOW, DriveHouse
from tests.unit.collection.test_feeds import InMemoryFeeds

HOUR = timedelta(hours=1)


class Board:
    """Drives of a site, and who reads its calendar."""

    def __init__(self):
        self.people, self.drives = House(), DriveHouse()
        self.drives.work()
        sources = {SITE: SiteDrives(self.people.desk, self.drives.desk)}
        self.office = FeedOffice(self.people.desk, InMemoryFeeds(), sources)

    def make(self, *, caller="resident-1", is_staff=False, site_id="site-1"):
        cmd = MakeFeed(SITE, site_id, "en", caller, is_staff)
        scope = plain_request(f"{caller} {is_staff}")
        return feeds.make_feed(cmd, office=self.office, request=scope)[1]

    def read(self, token):
        return feeds.read_feed(token, office=self.office)[1]

    def cancel(self, drive_id="drive-1"):
        asked = self.drives.asked()
        drives.cancel_drive(drive_id, "storm", desk=self.drives.desk, request=asked)


@pytest.fixture
def board():
    return Board()


def test_a_site_shows_what_was_announced_and_that_it_is_cancelled(board):
    board.drives.plan("drive-2", after=timedelta(days=30))  # not announced yet
    token = board.make()
    (before,) = board.read(token)
    board.drives.clock.advance(timedelta(minutes=1))

    board.cancel()
    board.cancel("drive-2")

    (after,) = board.read(token)
    assert (before.uid, before.starts_at, before.ends_at) == ("drive-1@greenloop", BEGIN, END)
    assert (after.uid, after.is_cancelled) == (before.uid, True)
    assert after.sequence > before.sequence
    assert after.changed_at > before.changed_at


def test_a_missed_drive_that_was_opened_after_all_is_the_later_word(board):
    token = board.make(is_staff=True, caller="city-1")
    board.drives.clock.instant = END
    board.drives.work()
    (missed,) = board.read(token)

    board.drives.open(CITY, at=BEGIN)

    (opened,) = board.read(token)
    assert (missed.is_cancelled, opened.is_cancelled) == (True, False)
    assert opened.sequence > missed.sequence


def test_calendar_programs_read_it(board):
    (entry,) = board.read(board.make())
    document = calendar_of(Feed(SITE, "site-1", "p", "en", "hash"), [entry])

    (found,) = events(string_content=document, start=NOW, end=NOW + timedelta(days=2))

    assert (found.summary, found.start, found.end) == ("Recycling drive", BEGIN, END)
    assert str(Calendar.from_ical(document)["x-wr-calname"]) == "Recycling drives"


def test_only_who_is_somebody_holds_one_and_staff_hold_one_together(board):
    with pytest.raises(NotFound):
        board.make(site_id="site-9")
    with pytest.raises(NotFound):
        board.make(caller="nobody")
    first = board.make(caller="city-1", is_staff=True)
    second = board.make(caller="city-2", is_staff=True)

    with pytest.raises(NotFound):
        board.read(first)
    assert len(board.read(second)) == 1


def test_it_ends_with_its_holder(board):
    token = board.make()
    cmd = erasing.ErasePerson("resident-1")
    erasing.erase_person(cmd, desk=board.people.desk, request=plain_request("erase"))

    with pytest.raises(NotFound):
        board.read(token)


def test_old_drives_are_not_shown(board):
    token = board.make()
    board.drives.clock.advance(timedelta(days=32))

    assert board.read(token) == []

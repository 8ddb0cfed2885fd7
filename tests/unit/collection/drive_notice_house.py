"""A drive in memory, households that sign up for it, and those who tell them."""

from dataclasses import replace
from datetime import timedelta

from services.collection.application import drive_series, drives
from services.collection.domain.preferences import EMAIL, MESSAGE
from tests.unit.collection.builders import House
from tests.unit.collection.drive_builders import DriveHouse
from tests.unit.collection.notice_fakes import Notices

HOUR = timedelta(hours=1)
AHEAD = timedelta(days=5)


class Held:
    """A drive in five days, some households, and those who tell them."""

    def __init__(self, *, households=3, channels=(EMAIL, MESSAGE), **rest):
        house = House()
        self.drives = DriveHouse(after=AHEAD, **rest)
        self.drives.clock, self.drives.lease_clock = house.clock, house.lease_clock
        self.drives.desk = replace(
            self.drives.desk,
            clock=house.clock,
            lease_clock=house.lease_clock,
            reached=house.desk.reached,
        )
        house.drive_house, self.house = self.drives, house
        self.notices = Notices(house, channels=channels)
        for number in range(households):
            home, person = f"household-{number}", f"resident-{number}"
            self.drives.household(home, owner=person)
            self.notices.recipients.members[home] = (person,)
            self.notices.recipients.emails[person] = f"{number}@example.org"

    def sign(self, number=0, **rest):
        return self.drives.sign_up(f"household-{number}", caller=f"resident-{number}", **rest)

    def withdraw(self, number=0):
        return self.drives.withdraw(f"household-{number}", caller=f"resident-{number}")

    def cancel(self, reason="weather"):
        desk, asked = self.drives.desk, self.drives.asked()
        return drives.cancel_drive("drive-1", reason, desk=desk, request=asked)

    def at(self, instant):
        """Both clocks go on, and the worker does its rounds."""
        self.house.lease_clock.advance(max(instant - self.house.clock.instant, timedelta(0)))
        self.house.clock.instant = instant
        self.round()

    def round(self):
        drive_series.watch_all(desk=self.drives.desk)
        self.notices.round()

    def late(self):
        held = self.notices.intents.held.values()
        return [f"{i.notice.kind} to {i.recipient}" for i in held if i.why == "notice.late"]

    def mails(self):
        sent = self.notices.channels[EMAIL].sent
        return sorted(f"{each.kind} to {each.addressee.recipient}" for each in sent)

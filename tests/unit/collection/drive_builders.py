"""A house of drives in memory: a site, a drive, devices, and a crash on demand."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from services.collection.adapters.drive_announcements import announce_drive
from services.collection.adapters.recurrences import RuleDays
from services.collection.application import drive_series, drives, signing_up, visiting
from services.collection.application.drive_desk import Crew, DriveDesk
from services.collection.application.drive_ending import finish_all
from services.collection.application.drive_ports import Contact
from services.collection.application.visiting import Identity, TellVisit
from services.collection.domain.drive import Drive, DriveRules, Terms
from services.collection.domain.signup import SignUp
from services.collection.domain.site import Site
from services.collection.domain.tickets import TicketLease
from services.collection.domain.visit import Visit
from services.collection.domain.weighing import WeighedLot, Weighing
from shared.kernel.aggregate import Answer, Decision, Request
from shared.kernel.clock import ManualClock
from shared.messaging.in_memory import InMemoryAggregates
from tests.unit.collection.builders import COMMUNITY, SCALE, Crash
from tests.unit.collection.drive_fakes import (
    InMemoryCampaigns,
    InMemoryCards,
    InMemoryContacts,
    InMemoryDrivePlaces,
    InMemoryDriveSearch,
    InMemoryHomes,
    InMemorySeriesBook,
    InMemoryTickets,
    Listed,
)
from tests.unit.collection.fakes import FakeCells, FakePermits, FakeWorkingDays, InMemoryScales

NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
BEGIN = NOW + timedelta(hours=1)
END = BEGIN + timedelta(hours=3)
NAMED, STAND_IN, OTHER = "collector-1", "collector-2", "collector-9"
CITY = Crew("operator-1", is_staff=True)
SITE = Site("site-1", "school", COMMUNITY, "8941a6d2d6fffff")
TERMS = Terms(("textiles", "cardboard", "lead-acid-batteries"), NAMED, "van-1", "scale-1")
HERE = Contact("Lin", "0591", "Gate 2", 26.08, 119.29)
NOBODY = Identity()


def asked(scope, status=200, body=""):
    def render(stored):
        return Answer(status, f"{stored.id} {stored.version}".encode())

    return Request(scope, f"body of {scope} {body}", render)


def lot(mass_g=3_000, material="textiles", **rest):
    return WeighedLot("", material, "A", mass_g, **rest)


def weighing(*lots, at=BEGIN, collector=NAMED, gross_g=None, tare_g=500):
    held = lots or (lot(),)
    gross = sum(each.mass_g for each in held) + tare_g if gross_g is None else gross_g
    return Weighing(1, "", collector, "", gross, tare_g, held, at)


def terms(**rest):
    rules = {name: rest.pop(name) for name in list(rest) if hasattr(DriveRules(), name)}
    return replace(TERMS, rules=DriveRules(**rules), **rest)


class DriveHouse:
    """Drives without a server. `crash_at` names the label at which the next call ends."""

    def __init__(self, **rest):
        self.clock, self.lease_clock = ManualClock(NOW), ManualClock(NOW)
        self.drives = Listed("drive", Drive, announce_drive)
        self.visits = Listed("visit", Visit, announce_drive)
        self.sign_ups = Listed("sign_up", SignUp, announce_drive)
        self.sites = InMemoryAggregates(kind="site", state_type=Site, announce=announce_drive)
        self.homes = InMemoryHomes()
        self.search = InMemoryDriveSearch(self.drives, self.visits, self.sign_ups)
        self.tickets, self.places = InMemoryTickets(), InMemoryDrivePlaces()
        self.cards, self.contacts = InMemoryCards(), InMemoryContacts()
        self.series = InMemorySeriesBook(announce_drive)
        self.campaigns = InMemoryCampaigns(announce_drive)
        self.scales = InMemoryScales(announce_drive)
        self.scales.create(SCALE.scale_id, Decision(SCALE))
        self.permits = FakePermits()
        self.working_days = FakeWorkingDays()
        self.crash_at = None
        self.calls = 0
        self.desk = DriveDesk(
            sites=self.sites,
            series=self.series,
            campaigns=self.campaigns,
            contacts=self.contacts,
            drives=self.drives,
            visits=self.visits,
            sign_ups=self.sign_ups,
            places=self.places,
            tickets=self.tickets,
            search=self.search,
            homes=self.homes,
            cards=self.cards,
            scales=self.scales,
            permits=self.permits,
            cells=FakeCells(),
            recurrences=RuleDays(),
            working_days=self.working_days,
            clock=self.clock,
            lease_clock=self.lease_clock,
            reached=self._reached,
        )
        drive_series.register_site(SITE, HERE, desk=self.desk, request=self.asked(201))
        self.plan(**rest)

    def asked(self, status=200):
        self.calls += 1
        return asked(f"call-{self.calls}", status)

    def _reached(self, label):
        if label == self.crash_at:
            self.crash_at = None
            raise Crash(label)

    def plan(self, drive_id="drive-1", *, after=timedelta(), **rest):
        cmd = drives.PlanDrive(drive_id, "site-1", terms(**rest), BEGIN + after, END + after)
        return drives.plan_drive(cmd, desk=self.desk, request=self.asked(201))

    def drive(self, drive_id="drive-1"):
        return self.drives.get(drive_id).state

    def open(self, who=NAMED, *, at=BEGIN, drive_id="drive-1"):
        self.clock.instant = max(self.clock.instant, at)
        crew = who if isinstance(who, Crew) else Crew(who, is_staff=False)
        return drives.open_drive(drive_id, crew, at=at, desk=self.desk, request=self.asked())

    def close(self, drive_id="drive-1", crew=CITY):
        return drives.close_drive(drive_id, crew, desk=self.desk, request=self.asked())

    def lease(self, count, *, device="device-1", lease_id=None, drive_id="drive-1"):
        asked_for = TicketLease(lease_id or f"lease-{device}-{self.calls}", device, count, NOW, NOW)
        self.calls += 1
        crew = Crew(NAMED, is_staff=False)
        held = visiting.lease_tickets(drive_id, asked_for, crew=crew, desk=self.desk)
        return range(held.first, held.first + held.count)

    def tell(self, *lots, ticket=None, device="device-1", identity=NOBODY, request=None, **rest):
        self.calls += 1
        drive_id = rest.pop("drive_id", "drive-1")
        draw_id = rest.pop("draw_id", f"draw-{self.calls}")
        permits = rest.pop("permits", ())
        told = rest.pop("told", None) or weighing(*lots, **rest)
        cmd = TellVisit(drive_id, ticket, draw_id, device, identity, told, permits)
        return visiting.tell_visit(cmd, desk=self.desk, request=request or self.asked(201))

    def household(self, household_id="household-1", owner="resident-1"):
        self.homes.owners[household_id] = owner
        return household_id

    def sign_up(self, household_id="household-1", *, caller="resident-1", request=None, **rest):
        cmd = signing_up.AskPlace(
            rest.pop("drive_id", "drive-1"), household_id, caller, rest.pop("is_staff", False)
        )
        return signing_up.sign_up(cmd, desk=self.desk, request=request or self.asked(201))

    def withdraw(self, household_id="household-1", *, caller="resident-1"):
        cmd = signing_up.AskPlace("drive-1", household_id, caller, is_staff=False)
        return signing_up.withdraw(cmd, desk=self.desk, request=self.asked())

    def work(self):
        drive_series.watch_all(desk=self.desk)
        finish_all(desk=self.desk)

    def events(self, aggregates=None):
        held = self.drives if aggregates is None else aggregates
        return [each.headers["ce_type"].split(".")[2] for each in held.announced]

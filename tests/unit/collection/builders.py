"""A house of collection in memory: slots, households, commands, and a crash on demand."""

from datetime import UTC, date, datetime, timedelta

from services.collection.adapters.announcements import announce
from services.collection.application import (
    amending,
    booking,
    collecting,
    handlers,
    opening,
    places,
    residents,
    reviewing,
)
from services.collection.application.cards import KeptCards
from services.collection.application.desk import Desk
from services.collection.domain.booking import Item, TourPlace
from services.collection.domain.pickup import Pickup
from services.collection.domain.pools import household_pool
from services.collection.domain.scales import Calibration, Scale
from services.collection.domain.slots import SlotName
from services.collection.domain.weighing import WeighedLot, Weighing
from services.collection.entrypoints.views import pickup_view
from shared.kernel.aggregate import Answer, Request
from shared.kernel.clock import ManualClock, at_local
from shared.messaging.in_memory import InMemoryAggregates
from tests.unit.collection.fakes import (
    FakeCells,
    FakePermits,
    FakeWorkingDays,
    InMemoryPickupSearch,
    InMemoryPools,
    InMemoryRuleBook,
    InMemoryScales,
)
from tests.unit.collection.people_fakes import (
    FakeCodes,
    InMemoryHouseholds,
    InMemoryPeople,
    InMemoryPhotos,
    PlainDirectory,
)

COMMUNITY = "350102001001"
DAY = date(2026, 11, 26)
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
IN_THE_WINDOW = at_local(DAY, datetime(2026, 1, 1, 9, 30).time())  # noqa: DTZ001 - a wall clock
MORNING = SlotName(COMMUNITY, DAY, "morning")
AFTERNOON = SlotName(COMMUNITY, DAY, "afternoon")
ITEMS = (Item("cardboard", 4_000, hazardous=False),)
AGAIN = timedelta(minutes=3)
SCALE = Scale(
    "scale-1",
    range_g=3_000_000,
    division_g=20,
    calibrations=(
        Calibration("cert-1", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)),
    ),
)


class Crash(BaseException):
    """The process ends here, as far as the code can tell."""


def request(scope, status=200, body=""):
    def render(stored):
        return Answer(status, pickup_view(stored).model_dump_json().encode())

    return Request(scope, f"body of {scope} {body}", render)


def plain_request(scope):
    return Request(scope, f"body of {scope}", lambda stored: Answer(201, stored.id.encode()))


def lot(lot_id="lot-1", mass_g=4_000, material="cardboard", **rest):
    return WeighedLot(lot_id, material, "A", mass_g, **rest)


def weigh_in(*lots, gross_g=None, tare_g=500, weighed_at=IN_THE_WINDOW, revision=1):
    held = lots or (lot(),)
    gross = sum(each.mass_g for each in held) + tare_g if gross_g is None else gross_g
    return Weighing(revision, "van-1", "collector-1", "scale-1", gross, tare_g, held, weighed_at)


def place(plan_version=1, service_day=DAY, *, ends=3, shift_ends_at=None):
    return TourPlace(
        plan_id=f"plan-{plan_version}",
        plan_version=plan_version,
        service_day=service_day,
        tour_id=f"tour-{plan_version}",
        vehicle_id="van-1",
        collector_id="collector-1",
        eta=IN_THE_WINDOW,
        tour_ends_at=IN_THE_WINDOW + timedelta(hours=ends),
        shift_ends_at=shift_ends_at,
    )


class House:
    """Collection without a server. `crash_at` names the label at which the next call ends."""

    def __init__(self, *, capacity=2, open_bookings_max=1_000):
        self.clock, self.lease_clock = ManualClock(NOW), ManualClock(NOW)
        self.pickups = InMemoryAggregates(
            kind="pickup",
            state_type=Pickup,
            announce=announce,
            audited=lambda pickup: pickup.booking.community_code,
        )
        self.households, self.people = InMemoryHouseholds(), InMemoryPeople()
        self.photos = InMemoryPhotos(self.lease_clock.now)
        self.search = InMemoryPickupSearch(self.pickups)
        self.pools = InMemoryPools(open_bookings_max=open_bookings_max)
        self.crash_at = None
        self.scales, self.rules = InMemoryScales(announce), InMemoryRuleBook(announce)
        self.permits = FakePermits()
        self.working_days = FakeWorkingDays()
        self.desk = Desk(
            pickups=self.pickups,
            search=self.search,
            pools=self.pools,
            slots=self.pools,
            households=self.households,
            people=self.people,
            directory=PlainDirectory(self.households, self.people),
            photos=self.photos,
            codes=FakeCodes(),
            cards=KeptCards(self.people, self.households, self.clock),
            scales=self.scales,
            rules=self.rules,
            working_days=self.working_days,
            clock=self.clock,
            lease_clock=self.lease_clock,
            reached=self._reached,
            permits=self.permits,
        )
        for name in (MORNING, AFTERNOON):
            opening.add_slot(name, capacity=capacity, desk=self.desk)
        self.register("home", "resident-1")
        collecting.register_scale(SCALE, desk=self.desk, request=plain_request("scale"))

    def _reached(self, label):
        if label == self.crash_at:
            self.crash_at = None
            raise Crash(label)

    def register(self, household_id, owner, *, scope=None, is_staff=False, **rest):
        cmd = residents.RegisterHousehold(
            household_id,
            COMMUNITY,
            latitude=26.08,
            longitude=119.3,
            caller=owner,
            is_staff=is_staff,
            **rest,
        )
        return residents.register_household(
            cmd,
            desk=self.desk,
            cells=FakeCells(),
            request=plain_request(scope or f"register {household_id}"),
        )

    def book(self, pickup_id="p-1", slot=MORNING, *, caller="resident-1", is_staff=False, **rest):
        self.search.ids.add(pickup_id)
        slot_id = slot if isinstance(slot, str) else slot.slot_id
        cmd = booking.BookPickup(pickup_id, "home", slot_id, ITEMS, caller, is_staff, **rest)
        return booking.book_pickup(
            cmd, desk=self.desk, request=request(f"book {pickup_id}", 201, slot_id)
        )

    def amend(self, pickup_id="p-1", slot=None, *, items=None, version=None, scope="amend"):
        cmd = amending.AmendPickup(
            pickup_id, items, slot and slot.slot_id, "resident-1", False, version
        )
        return amending.amend_pickup(cmd, desk=self.desk, request=request(f"{scope} {pickup_id}"))

    def cancel(self, pickup_id="p-1", *, caller="resident-1", is_staff=False):
        cmd = handlers.CancelPickup(pickup_id, "plans-changed", caller, is_staff)
        return handlers.cancel_pickup(cmd, desk=self.desk, request=request(f"cancel {pickup_id}"))

    def weigh(self, weighing, pickup_id="p-1", *, permits=(), scope="weigh"):
        return collecting.weigh_pickup(
            pickup_id,
            weighing,
            permits=permits,
            desk=self.desk,
            request=request(f"{scope} {pickup_id}"),
        )

    def fail(self, outcome, pickup_id="p-1", *, by="collector-1"):
        cmd = collecting.LogOutcome(pickup_id, outcome, by, IN_THE_WINDOW)
        asked = request(f"fail {pickup_id} {outcome} {by}")
        return collecting.log_outcome(cmd, desk=self.desk, request=asked)

    def approach(self, act, pickup_id="p-1", *, by="collector-1"):
        cmd = collecting.Approach(pickup_id, act, by, IN_THE_WINDOW)
        asked = request(f"{act} {pickup_id} {by}")
        return collecting.approach(cmd, desk=self.desk, request=asked)

    def report_missed(self, pickup_id="p-1"):
        return handlers.report_missed(
            pickup_id,
            "resident-1",
            is_staff=False,
            desk=self.desk,
            request=request(f"missed {pickup_id}"),
        )

    def own(self, pickup_id="p-1", *, caller="resident-1", is_staff=False):
        return reviewing.Own(pickup_id, caller, is_staff)

    def confirm(self, **own):
        asked = request("confirm")
        return reviewing.confirm_weighing(self.own(**own), desk=self.desk, request=asked)

    def dispute(self, *, scope="dispute", **own):
        asked = request(scope)
        return reviewing.dispute_weighing(
            self.own(**own), "too-heavy", desk=self.desk, request=asked
        )

    def uphold(self):
        return reviewing.uphold_weighing(
            "p-1", "scale-right", desk=self.desk, request=request("uphold")
        )

    def propose(self, *lots, supersedes=1, author="city-1", scope="propose"):
        cmd = reviewing.ProposeCorrection("p-1", supersedes, lots, "misread", author)
        return reviewing.propose_correction(cmd, desk=self.desk, request=request(scope))

    def approve(self, supersedes=1, *, approver="city-2", scope="approve", seen=None):
        cmd = reviewing.ApproveCorrection("p-1", supersedes, approver, seen)
        return reviewing.approve_correction(cmd, desk=self.desk, request=request(scope))

    def heal(self):
        """What the worker's jobs do, some time later."""
        self.crash_at = None
        self.lease_clock.advance(AGAIN)
        places.sweep_holds(desk=self.desk)
        places.free_given_up(desk=self.desk)

    def holds(self, slot=MORNING):
        return sorted(hold.hold_id for hold in self.pools.get(slot.slot_id).holds)

    def share(self, household_id="home"):
        """The holds of a household's open bookings."""
        return sorted(hold.hold_id for hold in self.pools.get(household_pool(household_id)).holds)

    def used(self, pool_id=MORNING.slot_id):
        places = [place for pickup in self.search.all() for place in pickup.places]
        return sorted(place.hold_id for place in places if place.pool_id == pool_id)

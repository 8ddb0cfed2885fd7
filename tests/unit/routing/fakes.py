"""Plans, days and stops in memory, and a solver that says what it is told."""

from datetime import UTC, date, datetime, timedelta

from services.routing.adapters.announcements import announce
from services.routing.application import comparing, handlers, planning
from services.routing.domain.day import PlanDay
from services.routing.domain.plan import Plan, PlannedStop, PlannedTour, PlanState, RefusedStop
from services.routing.domain.stop import PickupStop, StopState
from shared.contracts.codec import RawRecord, decode, wire_headers
from shared.kernel.aggregate import Answer, Decision, Request
from shared.kernel.clock import ManualClock
from shared.messaging.in_memory import InMemoryAggregates

DAY = date(2026, 11, 25)
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
COMMUNITY = "350102001001"


class FakeSearch:
    """`Search` over the twins; a test says which ids there are."""

    def __init__(self, office):
        self._office = office
        self.stops = {}
        self.plan_ids = []

    def open_stops(self, service_day):
        return [
            stop
            for stop in self.stops.values()
            if stop.state is StopState.OPEN and stop.service_day == service_day
        ]

    def fleet(self):
        return [], {}

    def requested_plans(self):
        return [s for s in self._stored() if s.state.state is PlanState.REQUESTED]

    def due_days(self):
        held = self._office.days.get_many([DAY.isoformat()])
        return [stored for stored in held.values() if stored.state.due]

    def published_ids(self, service_day):
        return [plan.plan_id for plan in self.plans_of_day(service_day)]

    def plans_of_day(self, service_day):
        plans = [stored.state for stored in self._stored()]
        published = [
            p for p in plans if p.state is PlanState.PUBLISHED and p.service_day == service_day
        ]
        return sorted(published, key=lambda plan: -plan.plan_version)

    def _stored(self):
        return list(self._office.plans.get_many(self.plan_ids).values())


class Office:
    """Routing's handlers and jobs over twins."""

    def __init__(self):
        self.plans = InMemoryAggregates(kind="plan", state_type=Plan, announce=announce)
        self.days = InMemoryAggregates(kind="day", state_type=PlanDay, announce=announce)
        self.clock = ManualClock(NOW)
        self.search = FakeSearch(self)

    def book(self, *pickup_ids, state=StopState.OPEN, day=DAY):
        for name in pickup_ids:
            self.search.stops[name] = PickupStop(name, COMMUNITY, state, 1, service_day=day)

    def solved(self, plan_id, *served, refused=()):
        """Keep a plan that serves some pickups by one tour."""
        stops = tuple(
            PlannedStop(name, COMMUNITY, "cell", place, 1, NOW)
            for place, name in enumerate(served, start=1)
        )
        tour = PlannedTour(
            f"tour-of-{plan_id}", "v", "c", "d", "f", NOW, NOW + timedelta(hours=8), 1_000, stops
        )
        no = tuple(RefusedStop(name, COMMUNITY, "routing.no_time") for name in refused)
        plan = Plan(plan_id, DAY, 1, 1, PlanState.SOLVED, NOW, tours=(tour,), refused=no)
        self.plans.create(plan_id, Decision(plan))
        self.search.plan_ids.append(plan_id)

    def requested(self, plan_id):
        plan = Plan(plan_id, DAY, 1, 1, PlanState.REQUESTED, NOW)
        self.plans.create(plan_id, Decision(plan))
        self.search.plan_ids.append(plan_id)

    def publish(self, plan_id, *, key=None):
        return handlers.publish_plan(
            plan_id, plans=self.plans, days=self.days, request=request(key or plan_id)
        )

    def compare(self):
        office = comparing.Office(self.plans, self.days, self.search, self.clock)
        return comparing.compare_due_days(office=office)

    def solve(self, solver):
        office = planning.Office(self.plans, self.search, solver, cells=None)
        return planning.solve_requested(office=office)

    def refusals(self):
        """Return (plan version, pickup, reason) of each refused stop, as consumers read it."""
        return [
            (event.plan_version, stop.pickup_id, stop.reason)
            for event in published(self.plans.announced)
            if event.TYPE.startswith("recycling.route.stops-refused")
            for stop in event.stops
        ]


def request(key):
    return Request(key, "body", lambda stored: Answer(200, f"{stored.version}".encode()))


def published(envelopes):
    return [
        decode(
            RawRecord(
                topic=each.topic,
                partition=each.partition,
                offset=0,
                key=each.key.encode(),
                value=each.value,
                headers=wire_headers(each.headers, sequence=1),
            )
        ).data
        for each in envelopes
    ]

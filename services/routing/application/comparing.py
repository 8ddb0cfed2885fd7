"""Reporting the stops that a day's newest plan drops, so that nobody waits for an old tour.

Published plans are compared by a job, not when they are published: two publications may overlap,
and each may have been made before the other. May be repeated from any point.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.routing.application.ports import Days, Plans, Search
from services.routing.domain.day import PlanDay
from services.routing.domain.plan import Plan, RefusedStop
from shared.kernel.aggregate import Decision
from shared.kernel.clock import Clock

NOT_IN_PLAN = "routing.not_in_plan"


@dataclass(frozen=True, slots=True)
class Office:
    """What comparing works with."""

    plans: Plans
    days: Days
    search: Search
    clock: Clock


def compare_due_days(*, office: Office) -> int:
    """Compare the plans of the days that are due; return how many days were."""
    due = office.search.due_days()
    for stored in due:
        _compare(stored.state, office=office)
    return len(due)


def _compare(day: PlanDay, *, office: Office) -> None:
    published = office.search.published_ids(day.service_day)
    if set(published) == set(day.compared):
        return  # a version was given, and its plan is not published yet
    newest, *older = office.search.plans_of_day(day.service_day)
    dropped = tuple(_dropped(day, newest, older, office=office))
    now = office.clock.now()
    if dropped:
        office.plans.change(newest.plan_id, lambda plan: plan.drop(dropped, at=now))
    compared = {newest.plan_id, *(plan.plan_id for plan in older)}
    office.days.change(
        day.service_day.isoformat(), lambda held: Decision(held.having_compared(compared))
    )


def _dropped(
    day: PlanDay, newest: Plan, older: Sequence[Plan], *, office: Office
) -> Iterator[RefusedStop]:
    """Yield the open stops of earlier tours that the newest plan says nothing of, each once."""
    needed = {stop.pickup_id for stop in office.search.open_stops(day.service_day)}
    unknown = needed - newest.mentioned()
    served = {stop.pickup_id: stop for plan in older for tour in plan.tours for stop in tour.stops}
    for pickup_id, stop in sorted(served.items()):
        if pickup_id in unknown:
            yield RefusedStop(pickup_id, stop.community_code, NOT_IN_PLAN)

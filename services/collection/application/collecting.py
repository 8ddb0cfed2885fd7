"""What collectors tell: on the way, at the door, what the scale said, what went wrong."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.collection.application.desk import Desk
from services.collection.application.permitting import with_permits
from services.collection.application.places import free_places
from services.collection.application.rebooking import is_booked_again
from services.collection.domain import crews, judging
from services.collection.domain.outcomes import outcome_named
from services.collection.domain.pickup import Pickup
from services.collection.domain.scales import Calibration, Scale, check_scale
from services.collection.domain.states import Act
from services.collection.domain.weighing import Weighing, judged
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class Approach:
    """The collector set out (`Act.SET_OUT`) or is at the door (`Act.ARRIVE`)."""

    pickup_id: str
    act: Act
    collector_id: str
    happened_at: datetime


def approach(cmd: Approach, *, desk: Desk, request: Request[Pickup]) -> Stored[Pickup]:
    """Note how far the collector is; another than the planned one is for a person to look at."""
    now, crew = desk.clock.now(), cmd.collector_id

    def decide(held: Pickup) -> Decision[Pickup]:
        return crews.approach(held, cmd.act, collector_id=crew, at=cmd.happened_at, now=now)

    return desk.pickups.change(cmd.pickup_id, decide, request=request)


def weigh_pickup(
    pickup_id: str,
    weighing: Weighing,
    *,
    permits: Sequence[str | None] = (),
    desk: Desk,
    request: Request[Pickup],
) -> Stored[Pickup]:
    """Record a weigh-in: never refused for a rule, only for the impossible.

    `permits` are the signed ones that its lots came with, in the lots' order.

    Another device's second one is kept for review, and `Conflict` (collection.already_weighed).
    What was taken for missed and is booked again is for a person to look at.
    """
    now = desk.clock.now()
    told = judged(weighing, desk.scales.find(weighing.scale_id), now=now)
    told = with_permits(told, permits, permits=desk.permits)

    def decide(held: Pickup) -> Decision[Pickup]:
        booked_again = is_booked_again(held, desk=desk)
        return judging.weigh(held, told, now=now, booked_again=booked_again)

    weighed = desk.pickups.change(pickup_id, decide, request=request)
    if judging.is_rival(weighed.state, told):
        raise Conflict("collection.already_weighed", "another weigh-in is recorded; this is kept")
    return free_places(weighed, desk=desk)


@dataclass(frozen=True, slots=True)
class LogOutcome:
    """One of the trade's exception codes."""

    pickup_id: str
    outcome: str
    collector_id: str
    happened_at: datetime


def log_outcome(cmd: LogOutcome, *, desk: Desk, request: Request[Pickup]) -> Stored[Pickup]:
    """Log a code; an unknown one is `Invalid` (collection.outcome).

    One by another crew than the planned one, or told after the visit ended otherwise, is kept too
    and for a person to look at.
    """
    outcome_named(cmd.outcome)
    now, crew = desk.clock.now(), cmd.collector_id

    def decide(held: Pickup) -> Decision[Pickup]:
        return crews.log(held, cmd.outcome, collector_id=crew, at=cmd.happened_at, now=now)

    return free_places(desk.pickups.change(cmd.pickup_id, decide, request=request), desk=desk)


def register_scale(scale: Scale, *, desk: Desk, request: Request[Scale]) -> Stored[Scale]:
    """Register a scale with its verifications; `Invalid` (scale.…), `Conflict` (scale.exists)."""
    check_scale(scale)
    return desk.scales.create(scale.scale_id, Decision(scale), request=request)


def add_calibration(
    scale_id: str, calibration: Calibration, *, desk: Desk, request: Request[Scale]
) -> Stored[Scale]:
    """Add a verification; weigh-ins that are recorded keep their judgement."""
    return desk.scales.change(
        scale_id, lambda held: Decision(held.verified(calibration)), request=request
    )

"""A pickup, from booking to the door. Each act returns the next state and what to report.

What follows from the scale is in judging.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.collection.domain import events
from services.collection.domain.booking import Booking, PlanRef, TourPlace
from services.collection.domain.life import CITY, Aside, asks_for_notices, next_step, with_step
from services.collection.domain.outcomes import outcome_named
from services.collection.domain.pools import Place, household_pool
from services.collection.domain.records import (
    AFTER_REBOOKING,
    PHOTOS_MAX,
    REMARKS_MAX,
    Dispute,
    Photo,
    Proposal,
    Remark,
    Review,
    Step,
    Waiting,
    waiting_of,
    with_review,
)
from services.collection.domain.states import Act, State, after
from services.collection.domain.weighing import Weighing
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict

RESIDENT, COLLECTOR, PLANNER, PRICING = "resident", "collector", "planner", "pricing"
EARLIER_MAX = 20


@dataclass(frozen=True, slots=True)
class Pickup:
    """The whole pickup.

    `places` are those that it uses: one of its slot, and while it is open one of its household.
    `to_free` are places that it gave up and that may still be held. `earlier` are the bookings
    that amendments replaced, `superseded` the weigh-ins that corrections did, `rivals` those of
    other devices that came second. A `withdrawn` draft was lapsed for good: it is never booked.
    `untold` are the steps that no notices were made of yet. `planned_by` is the latest plan that
    gave it a place or refused it; amendments keep it.
    """

    pickup_id: str
    booking: Booking
    state: State
    booking_version: int
    booked_at: datetime
    tour: TourPlace | None = None
    refusal: str | None = None
    weighing: Weighing | None = None
    outcome: str | None = None
    cancelled_by: str | None = None
    settled_fen: int | None = None
    settled_revision: int = 0
    places: tuple[Place, ...] = ()
    to_free: tuple[Place, ...] = ()
    earlier: tuple[Booking, ...] = ()
    history: tuple[Step, ...] = ()
    remarks: tuple[Remark, ...] = ()
    rivals: tuple[Weighing, ...] = ()
    superseded: tuple[Weighing, ...] = ()
    reviews: tuple[Review, ...] = ()
    waiting: Waiting | None = None
    disputes: tuple[Dispute, ...] = ()
    proposal: Proposal | None = None
    rebooked_as: str | None = None
    misses: int = 0
    photos: tuple[Photo, ...] = ()
    cancel_reason: str | None = None
    withdrawn: bool = False
    untold: tuple[int, ...] = ()
    planned_by: PlanRef | None = None

    def amend(
        self, booking: Booking, *, now: datetime, place: Place | None = None
    ) -> Decision["Pickup"]:
        """Replace the booking by a new version, in another `place`; a planned one is open again."""
        if len(self.earlier) >= EARLIER_MAX:
            raise Conflict("collection.too_often", f"a booking is amended {EARLIER_MAX} times")
        stepped = self.stepped(Act.AMEND, at=now, by=RESIDENT)
        amended = replace(
            stepped if place is None else stepped._moved(place),
            booking=booking,
            booking_version=self.booking_version + 1,
            earlier=(*self.earlier, self.booking),
            tour=None,
            refusal=None,
        )
        return Decision(amended, (events.PickupAmended(amended, now),))

    def cancel(self, *, by: str, reason: str, now: datetime) -> Decision["Pickup"]:
        """Cancel; the places are freed by what follows, never before."""
        stepped = self.stepped(Act.CANCEL, at=now, by=by, about=reason)
        cancelled = replace(stepped.giving_up(self.places), cancelled_by=by, cancel_reason=reason)
        return Decision(cancelled, (events.PickupCancelled(cancelled, by, reason, now),))

    def approach(self, act: Act, *, collector_id: str, at: datetime) -> Decision["Pickup"]:
        """Note that the collector set out, or is at the door."""
        stepped = self.stepped(act, at=at, by=COLLECTOR)
        return Decision(stepped, (events.PickupApproached(stepped, collector_id, at),))

    def log(self, code: str, *, collector_id: str, happened_at: datetime) -> Decision["Pickup"]:
        """Log the trade's code: it ends the visit, or is a remark. `Invalid` for an unknown one."""
        if outcome_named(code).ends_visit:
            return self._fail(code, collector_id=collector_id, happened_at=happened_at)
        if self.state is State.LAPSED:
            raise Conflict("collection.not_possible", "this was never booked")
        if len(self.remarks) >= REMARKS_MAX:
            raise Conflict("collection.too_often", f"a visit has {REMARKS_MAX} remarks")
        aside = self.noted(Aside.REMARK, at=happened_at, by=COLLECTOR, about=code)
        noted = replace(aside, remarks=(*self.remarks, Remark(code, collector_id, happened_at)))
        return Decision(noted, (events.PickupRemarked(noted, code, collector_id, happened_at),))

    def report_missed(self, *, now: datetime, earlier_misses: int = 0) -> Decision["Pickup"]:
        """Take a household's report that nobody came; admissibility is checked before.

        `earlier_misses` are the household's recent ones: repeated misses go to a person.
        """
        stepped = self.stepped(Act.REPORT_MISSED, at=now, by=RESIDENT).ended()
        missed = replace(stepped, misses=earlier_misses + 1)
        if earlier_misses:
            missed = missed.to_review("pickup.missed_again", at=now)
        return Decision(missed, (events.PickupMissed(missed, now),))

    def assign(self, place: TourPlace, *, at: datetime) -> Decision["Pickup"] | None:
        """Take a place in a plan.

        An older plan's is nothing, nor one of a day that the pickup was moved away from, nor one
        for a pickup that is done.
        """
        plan = PlanRef(place.service_day, place.plan_version)
        if after(self.state, Act.ASSIGN) is None or self._is_past(plan):
            return None
        stepped = self.stepped(Act.ASSIGN, at=at, by=PLANNER)
        return Decision(replace(stepped, tour=place, refusal=None, planned_by=plan))

    def refuse(self, reason: str, *, plan: PlanRef, at: datetime) -> Decision["Pickup"] | None:
        """Note that the plan has no place: it stays open and may be planned again.

        An older plan's is nothing, nor one of a day that the pickup was moved away from.
        """
        if after(self.state, Act.REFUSE) is None or self._is_past(plan):
            return None
        stepped = self.stepped(Act.REFUSE, at=at, by=PLANNER, about=reason)
        return Decision(replace(stepped, tour=None, refusal=reason, planned_by=plan))

    def settle(self, amount_fen: int, *, revision: int, at: datetime) -> Decision["Pickup"] | None:
        """Show what pricing settled; an older revision is nothing."""
        if revision < self.settled_revision:
            return None
        noted = self.noted(Aside.SETTLE, at=at, by=PRICING)
        return Decision(replace(noted, settled_fen=amount_fen, settled_revision=revision))

    def rebooked(self, pickup_id: str, *, at: datetime) -> Decision["Pickup"]:
        """Note the pickup that the city booked in place of this one."""
        if self.rebooked_as == pickup_id:
            return Decision(self)
        noted = self.noted(Aside.REBOOK, at=at, by=CITY, about=pickup_id)
        if self.weighing is not None:  # it was told meanwhile that somebody came
            noted = noted.to_review(AFTER_REBOOKING, at=at)
        return Decision(replace(noted, rebooked_as=pickup_id))

    def pictured(self, photo: Photo) -> Decision["Pickup"]:
        """Keep a photo with the pickup; `Conflict` (collection.too_many_photos)."""
        if len(self.photos) >= PHOTOS_MAX:
            raise Conflict("collection.too_many_photos", f"a pickup has {PHOTOS_MAX} photos")
        return Decision(replace(self, photos=(*self.photos, photo)))

    def unpictured(self, photo_id: str) -> Decision["Pickup"]:
        """Forget a photo; nothing happens where there is none."""
        return Decision(
            replace(self, photos=tuple(p for p in self.photos if p.photo_id != photo_id))
        )

    def withdraw(self) -> Decision["Pickup"]:
        """Lapse for good, as a draft that nobody wants any more."""
        check_lapsed(self)
        return Decision(replace(self, withdrawn=True))

    def uses(self, place: Place) -> bool:
        """Say whether the pickup has decided for this place."""
        return place in self.places

    def freed(self, place: Place) -> Decision["Pickup"]:
        """Note that a given-up place is free."""
        return Decision(replace(self, to_free=tuple(p for p in self.to_free if p != place)))

    def stepped(self, act: Act, *, at: datetime, by: str, about: str | None = None) -> "Pickup":
        """Return the pickup after an act, or raise `Conflict` (collection.not_possible)."""
        following = after(self.state, act)
        if following is None:
            raise Conflict("collection.not_possible", f"a {self.state} pickup: no {act}")
        return replace(self, state=following).noted(act, at=at, by=by, about=about)

    def noted(
        self, act: Act | Aside, *, at: datetime, by: str, about: str | None = None
    ) -> "Pickup":
        """Return the pickup with one more step in its life."""
        step = next_step(self.history, act, at=at, by=by, state=self.state, about=about)
        untold = (*self.untold, step.number) if asks_for_notices(step) else self.untold
        return replace(self, history=with_step(self.history, step), untold=untold)

    def to_review(self, code: str, *, at: datetime) -> "Pickup":
        """Open a review, once for each code at a time."""
        reviews = with_review(self.reviews, code, at=at)
        return self if reviews == self.reviews else self.reviewed(reviews)

    def reviewed(self, reviews: tuple[Review, ...]) -> "Pickup":
        """Return the pickup with these reviews, open and resolved."""
        return replace(self, reviews=reviews, waiting=waiting_of(reviews))

    def ended(self) -> "Pickup":
        """It counts no more among the household's open bookings; its slot was used."""
        ours = household_pool(self.booking.household_id)
        return self.giving_up(tuple(held for held in self.places if held.pool_id == ours))

    def giving_up(self, places: tuple[Place, ...]) -> "Pickup":
        """Use some places no more; they are freed by what follows."""
        kept = tuple(held for held in self.places if held not in places)
        return replace(self, places=kept, to_free=(*self.to_free, *places))

    def _fail(self, code: str, *, collector_id: str, happened_at: datetime) -> Decision["Pickup"]:
        stepped = self.stepped(Act.FAIL, at=happened_at, by=COLLECTOR, about=code)
        failed = replace(stepped.ended(), outcome=code)
        return Decision(failed, (events.PickupFailed(failed, code, collector_id, happened_at),))

    def _is_past(self, plan: PlanRef) -> bool:
        """Say whether a plan is of another day, or a later one of the day spoke of it already.

        Plans come from several partitions, in any order.
        """
        if plan.service_day != self.booking.service_day:
            return True
        known = self.planned_by
        if known is None and self.tour is not None:
            known = PlanRef(self.tour.service_day, self.tour.plan_version)
        return known is not None and known.is_later(plan)

    def _moved(self, place: Place) -> "Pickup":
        left = tuple(held for held in self.places if held.pool_id == self.booking.slot_id)
        moved = self.giving_up(left)
        return replace(moved, places=(*moved.places, place))


def book(
    pickup_id: str, booking: Booking, *, places: Sequence[Place], now: datetime
) -> Decision[Pickup]:
    """Return a booked pickup; its places are held before."""
    step = next_step((), Act.BOOK, at=now, by=RESIDENT, state=State.BOOKED)
    pickup = Pickup(pickup_id, booking, State.BOOKED, 1, now, places=tuple(places), history=(step,))
    return Decision(pickup, (events.PickupBooked(pickup),))


def lapse(pickup_id: str, *, now: datetime, withdrawn: bool = False) -> Decision[Pickup]:
    """Return the decision that held places were never used: nothing was booked, nothing is said.

    A `withdrawn` one cannot be booked later either: whoever still means to comes too late.
    """
    nobody = Booking(
        household_id="-",
        community_code="-",
        cell="-",
        slot_id="-",
        service_day=legal_day(now),
        band="-",
        window_start=now,
        window_end=now,
        items=(),
    )
    return Decision(Pickup(pickup_id, nobody, State.LAPSED, 0, now, withdrawn=withdrawn))


def book_again(
    lapsed: Pickup, booking: Booking, *, places: Sequence[Place], now: datetime
) -> Decision[Pickup]:
    """Book what had lapsed, after its places were held anew."""
    check_lapsed(lapsed)
    return book(lapsed.pickup_id, booking, places=places, now=now)


def check_lapsed(lapsed: Pickup) -> None:
    """Raise `Conflict` (collection.exists, collection.withdrawn) for what cannot be booked."""
    if lapsed.state is not State.LAPSED:
        raise Conflict("collection.exists", "this pickup is booked already")
    if lapsed.withdrawn:
        raise Conflict("collection.withdrawn", "this pickup is not wanted any more")

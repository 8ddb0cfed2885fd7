"""A pickup, from booking to weighing. Each act returns the next state and what to report."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.collection.domain import events
from services.collection.domain.pools import Place, household_pool
from services.collection.domain.states import Act, State, after
from services.collection.domain.weighing import WeighedLot, Weighing, check_possible, rule_flags
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict, Stale

AFTER = "weighing.after_"
OPEN = frozenset({State.BOOKED, State.ASSIGNED})


@dataclass(frozen=True, slots=True)
class Item:
    """What a household declares; an estimate."""

    material: str
    estimated_mass_g: int
    hazardous: bool


@dataclass(frozen=True, slots=True)
class TourPlace:
    """The pickup's place in a plan."""

    plan_id: str
    plan_version: int
    service_day: date
    tour_id: str
    vehicle_id: str
    collector_id: str
    eta: datetime
    tour_ends_at: datetime


@dataclass(frozen=True, slots=True)
class Booking:
    """What was asked for: where, when, what. `owner` is the household's account."""

    household_id: str
    community_code: str
    cell: str
    slot_id: str
    service_day: date
    band: str
    window_start: datetime
    window_end: datetime
    items: tuple[Item, ...]
    owner: str


@dataclass(frozen=True, slots=True)
class Pickup:
    """The whole pickup.

    `places` are those that it uses: one of its slot, and while it is open one of its household.
    `to_free` are places that it gave up and that may still be held.
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

    def amend(
        self, booking: Booking, *, now: datetime, place: Place | None = None
    ) -> Decision["Pickup"]:
        """Replace the booking by a new version, in another `place`; a planned one is open again."""
        amended = replace(
            self if place is None else self._moved(place),
            booking=booking,
            state=self._after(Act.AMEND),
            booking_version=self.booking_version + 1,
            tour=None,
            refusal=None,
        )
        return Decision(amended, (events.PickupAmended(amended, now),))

    def cancel(self, *, by: str, reason: str, now: datetime) -> Decision["Pickup"]:
        """Cancel; the place is freed by what follows, never before."""
        cancelled = replace(
            self._giving_up(self.places), state=self._after(Act.CANCEL), cancelled_by=by
        )
        return Decision(cancelled, (events.PickupCancelled(cancelled, by, reason, now),))

    def fail(self, outcome: str, *, collector_id: str, happened_at: datetime) -> Decision["Pickup"]:
        """Note that the crew was there and could not collect."""
        failed = replace(self._ended(), state=self._after(Act.FAIL), outcome=outcome)
        return Decision(failed, (events.PickupFailed(failed, outcome, collector_id, happened_at),))

    def report_missed(self, *, now: datetime) -> Decision["Pickup"]:
        """Take a household's report that nobody came; admissibility is checked before."""
        missed = replace(self._ended(), state=self._after(Act.REPORT_MISSED))
        return Decision(missed, (events.PickupMissed(missed, now),))

    def weigh(self, weighing: Weighing, *, now: datetime) -> Decision["Pickup"]:
        """Record the scale's answer: a fact, taken from every state but flagged in some.

        A second weigh-in of another device is `Conflict` (collection.already_weighed).
        """
        check_possible(weighing.gross_g, weighing.tare_g, lots=weighing.lots)
        if self.state is State.WEIGHED:
            raise Conflict("collection.already_weighed", "another weigh-in is recorded; correct it")
        following = self._after(Act.WEIGH)
        flags = rule_flags(weighing, window_end=self.booking.window_end, now=now)
        if self.state not in OPEN:
            flags = (*flags, f"{AFTER}{self.state}")
        flagged = replace(weighing, flags=flags)
        weighed = replace(self._ended(), state=following, weighing=flagged)
        return Decision(weighed, (events.PickupWeighed(weighed, flagged),))

    def correct(
        self, lots: Sequence[WeighedLot], *, supersedes: int, reason: str, now: datetime
    ) -> Decision["Pickup"]:
        """Replace the whole list of lots; `Stale` where another correction came first."""
        if self.weighing is None:
            raise Conflict("collection.not_weighed", "there is nothing to correct")
        if supersedes != self.weighing.revision:
            raise Stale("collection.superseded", "another correction came first")
        check_possible(self.weighing.gross_g, self.weighing.tare_g, lots=lots)
        changed = replace(self.weighing, revision=supersedes + 1, lots=tuple(lots))
        flags = rule_flags(changed, window_end=self.booking.window_end, now=now)
        after_what = tuple(f for f in self.weighing.flags if f.startswith(AFTER))
        changed = replace(changed, flags=(*flags, *after_what))
        corrected = replace(self, state=self._after(Act.CORRECT), weighing=changed)
        event = events.PickupCorrected(corrected, self.weighing.lots, changed, now, reason)
        return Decision(corrected, (event,))

    def assign(self, place: TourPlace) -> Decision["Pickup"] | None:
        """Take a place in a plan.

        An older plan's is nothing, nor one of a day that the pickup was moved away from, nor one
        for a pickup that is done.
        """
        following = after(self.state, Act.ASSIGN)
        other_day = place.service_day != self.booking.service_day
        if following is None or other_day or self._has_newer(place.plan_version):
            return None
        return Decision(replace(self, state=following, tour=place, refusal=None))

    def refuse(self, reason: str, *, plan_version: int) -> Decision["Pickup"] | None:
        """Note that the plan has no place: it stays open and may be planned again."""
        following = after(self.state, Act.REFUSE)
        if following is None or self._has_newer(plan_version):
            return None
        return Decision(replace(self, state=following, tour=None, refusal=reason))

    def settle(self, amount_fen: int, *, revision: int) -> Decision["Pickup"] | None:
        """Show what pricing settled; an older revision is nothing."""
        if revision < self.settled_revision:
            return None
        return Decision(replace(self, settled_fen=amount_fen, settled_revision=revision))

    def uses(self, place: Place) -> bool:
        """Say whether the pickup has decided for this place."""
        return place in self.places

    def freed(self, place: Place) -> Decision["Pickup"]:
        """Note that a given-up place is free."""
        return Decision(replace(self, to_free=tuple(p for p in self.to_free if p != place)))

    def _has_newer(self, plan_version: int) -> bool:
        """Say whether a later plan of the day gave a place: plans come from several partitions."""
        return self.tour is not None and self.tour.plan_version > plan_version

    def _moved(self, place: Place) -> "Pickup":
        left = tuple(held for held in self.places if held.pool_id == self.booking.slot_id)
        moved = self._giving_up(left)
        return replace(moved, places=(*moved.places, place))

    def _ended(self) -> "Pickup":
        """It counts no more among the household's open bookings; its slot was used."""
        ours = household_pool(self.booking.household_id)
        return self._giving_up(tuple(held for held in self.places if held.pool_id == ours))

    def _giving_up(self, places: tuple[Place, ...]) -> "Pickup":
        kept = tuple(held for held in self.places if held not in places)
        return replace(self, places=kept, to_free=(*self.to_free, *places))

    def _after(self, act: Act) -> State:
        following = after(self.state, act)
        if following is None:
            raise Conflict("collection.not_possible", f"a {self.state} pickup: no {act}")
        return following


def book(
    pickup_id: str, booking: Booking, *, places: Sequence[Place], now: datetime
) -> Decision[Pickup]:
    """Return a booked pickup; its places are held before."""
    pickup = Pickup(pickup_id, booking, State.BOOKED, 1, now, places=tuple(places))
    return Decision(pickup, (events.PickupBooked(pickup),))


def lapse(pickup_id: str, *, now: datetime) -> Decision[Pickup]:
    """Return the decision that held places were never used: nothing was booked, nothing is said."""
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
        owner="-",
    )
    return Decision(Pickup(pickup_id, nobody, State.LAPSED, 0, now))


def book_again(
    lapsed: Pickup, booking: Booking, *, places: Sequence[Place], now: datetime
) -> Decision[Pickup]:
    """Book what had lapsed, after its places were held anew."""
    if lapsed.state is not State.LAPSED:
        raise Conflict("collection.exists", "this pickup is booked already")
    return book(lapsed.pickup_id, booking, places=places, now=now)

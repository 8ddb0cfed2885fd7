"""What collection's API gives."""

from datetime import date, datetime

from services.collection.domain.pickup import Pickup
from services.collection.domain.slots import Slot
from shared.http.body import View
from shared.kernel.aggregate import Stored


class SlotView(View):
    """A slot and how many places are left."""

    slot_id: str
    community_code: str
    service_day: date
    band: str
    window_start: datetime
    window_end: datetime
    capacity: int
    places_left: int


class SlotsView(View):
    """A community's slots."""

    items: list[SlotView]


class HoldView(View):
    """A place that is kept while a form is open; booking with this pickup id uses it."""

    pickup_id: str
    expires_at: datetime


class ItemView(View):
    """A declared item."""

    material: str
    estimated_mass_g: int
    hazardous: bool
    pieces: int | None = None
    condition: str | None = None
    nominal: bool = False


class LineEstimateView(View):
    """What an item may be worth, by the grades that have a price."""

    material: str
    mass_g: int
    nominal: bool
    low_fen: int | None = None
    high_fen: int | None = None
    grades: tuple[str, ...]
    reason: str | None = None


class EstimateView(View):
    """What all may be worth; without an amount, `reason` says why. Contamination may lower it."""

    priced_at: datetime
    low_fen: int | None = None
    high_fen: int | None = None
    price_list_id: str | None = None
    reason: str | None = None
    lines: tuple[LineEstimateView, ...]


class TourView(View):
    """When somebody comes."""

    tour_id: str
    vehicle_id: str
    eta: datetime


class LotView(View):
    """A weighed lot."""

    lot_id: str
    material: str
    grade: str
    mass_g: int
    contamination_bp: int
    hazardous: bool
    container_tag: str | None = None
    pieces: int | None = None
    condition: str | None = None
    nominal: bool
    permit_id: str | None = None
    permit_fault: str | None = None


class WeighingView(View):
    """What the scale said."""

    revision: int
    vehicle_id: str
    gross_g: int
    tare_g: int
    net_g: int
    lots: tuple[LotView, ...]
    flags: tuple[str, ...]
    weighed_at: datetime
    recorded_at: datetime | None = None


class StepView(View):
    """One thing that happened; `by` is a role, `about` a code or an id that the act is about.

    `number` counts a pickup's steps from 1; only the last 64 are shown.
    """

    number: int
    act: str
    at: datetime
    by: str
    state: str
    about: str | None = None


class RemarkView(View):
    """What the crew noted without ending the visit."""

    outcome: str
    at: datetime


class ReviewView(View):
    """Something for a person to look at; open until it is resolved."""

    code: str
    opened_at: datetime
    resolved_at: datetime | None = None
    resolution: str | None = None


class DisputeView(View):
    """What the household does not agree with."""

    reason: str
    revision: int
    at: datetime


class ProposalView(View):
    """A correction that waits for a second person."""

    supersedes: int
    lots: tuple[LotView, ...]
    reason: str
    author: str
    proposed_at: datetime


class SettlementView(View):
    """What it is worth."""

    amount_fen: int
    revision: int


class PhotoView(View):
    """A photo of what is to be handed over; the picture is at …/photos/{photo_id}."""

    photo_id: str
    added_at: datetime


class PickupView(View):
    """A pickup as its household sees it."""

    pickup_id: str
    household_id: str
    community_code: str
    state: str
    slot_id: str
    service_day: date
    band: str
    window_start: datetime
    window_end: datetime
    items: tuple[ItemView, ...]
    booking_version: int
    tour: TourView | None = None
    refusal: str | None = None
    weighing: WeighingView | None = None
    outcome: str | None = None
    cancelled_by: str | None = None
    settlement: SettlementView | None = None
    note: str | None = None
    history: tuple[StepView, ...]
    remarks: tuple[RemarkView, ...]
    reviews: tuple[ReviewView, ...]
    disputes: tuple[DisputeView, ...]
    proposal: ProposalView | None = None
    rebooked_as: str | None = None
    photos: tuple[PhotoView, ...] = ()
    series_id: str | None = None
    estimate: EstimateView | None = None


def slot_view(slot: Slot) -> SlotView:
    """Return the view of a slot."""
    start, end = slot.name.window
    return SlotView(
        slot_id=slot.slot_id,
        community_code=slot.name.community_code,
        service_day=slot.name.service_day,
        band=slot.name.band,
        window_start=start,
        window_end=end,
        capacity=slot.pool.capacity,
        places_left=slot.pool.places_left,
    )


def pickup_view(stored: Stored[Pickup]) -> PickupView:
    """Return the view of a pickup."""
    pickup, booking = stored.state, stored.state.booking
    return PickupView(
        pickup_id=pickup.pickup_id,
        household_id=booking.household_id,
        community_code=booking.community_code,
        state=pickup.state.value,
        slot_id=booking.slot_id,
        service_day=booking.service_day,
        band=booking.band,
        window_start=booking.window_start,
        window_end=booking.window_end,
        items=booking.items,
        booking_version=pickup.booking_version,
        tour=pickup.tour,
        refusal=pickup.refusal,
        weighing=pickup.weighing,
        outcome=pickup.outcome,
        cancelled_by=pickup.cancelled_by,
        settlement=settlement_view(pickup),
        history=pickup.history,
        remarks=pickup.remarks,
        reviews=pickup.reviews,
        disputes=pickup.disputes,
        proposal=pickup.proposal,
        rebooked_as=pickup.rebooked_as,
        photos=pickup.photos,
        series_id=booking.series_id,
        estimate=booking.estimate,
    )


def settlement_view(pickup: Pickup) -> SettlementView | None:
    """Return what pricing settled, or None."""
    if pickup.settled_fen is None:
        return None
    return SettlementView(amount_fen=pickup.settled_fen, revision=pickup.settled_revision)

"""What a pickup was before: every version of the booking, every weigh-in, every step and review."""

from datetime import date, datetime

from services.collection.domain.booking import Booking
from services.collection.domain.pickup import Pickup
from services.collection.domain.records import STEPS_MAX
from services.collection.domain.weighing import Weighing
from services.collection.entrypoints import views
from shared.http.body import View
from shared.kernel.aggregate import Stored


class BookingView(View):
    """A version of the booking."""

    version: int
    slot_id: str
    service_day: date
    band: str
    window_start: datetime
    window_end: datetime
    items: tuple[views.ItemView, ...]
    estimate: views.EstimateView | None = None


class HistoryView(View):
    """The whole life. The present booking and weigh-in come last; `rivals` wait for a review.

    `steps_complete` is false where the first of very many steps are not kept.
    """

    pickup_id: str
    state: str
    bookings: tuple[BookingView, ...]
    steps: tuple[views.StepView, ...]
    steps_complete: bool
    weighings: tuple[views.WeighingView, ...]
    rivals: tuple[views.WeighingView, ...]
    remarks: tuple[views.RemarkView, ...]
    reviews: tuple[views.ReviewView, ...]
    disputes: tuple[views.DisputeView, ...]
    proposal: views.ProposalView | None = None
    settlement: views.SettlementView | None = None
    outcome: str | None = None
    cancelled_by: str | None = None
    cancel_reason: str | None = None
    rebooked_as: str | None = None
    series_id: str | None = None


def history_view(stored: Stored[Pickup]) -> HistoryView:
    """Return the history of a pickup."""
    pickup = stored.state
    bookings = (*pickup.earlier, pickup.booking)
    recorded = (*pickup.superseded, *((pickup.weighing,) if pickup.weighing else ()))
    return HistoryView(
        pickup_id=pickup.pickup_id,
        state=pickup.state.value,
        bookings=tuple(_booking(n, each) for n, each in enumerate(bookings, start=1)),
        steps=pickup.history,
        steps_complete=len(pickup.history) < STEPS_MAX,
        weighings=_weighings(recorded),
        rivals=_weighings(pickup.rivals),
        remarks=pickup.remarks,
        reviews=pickup.reviews,
        disputes=pickup.disputes,
        proposal=pickup.proposal,
        settlement=views.settlement_view(pickup),
        outcome=pickup.outcome,
        cancelled_by=pickup.cancelled_by,
        cancel_reason=pickup.cancel_reason,
        rebooked_as=pickup.rebooked_as,
        series_id=pickup.booking.series_id,
    )


def _booking(version: int, booking: Booking) -> BookingView:
    return BookingView(
        version=version,
        slot_id=booking.slot_id,
        service_day=booking.service_day,
        band=booking.band,
        window_start=booking.window_start,
        window_end=booking.window_end,
        items=booking.items,
        estimate=booking.estimate,
    )


def _weighings(weighings: tuple[Weighing, ...]) -> tuple[views.WeighingView, ...]:
    return tuple(views.WeighingView.model_validate(each) for each in weighings)

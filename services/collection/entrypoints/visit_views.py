"""What the API gives of visitors: visits and sign-ups."""

from datetime import datetime

from services.collection.domain.signup import SignUp
from services.collection.domain.visit import Visit
from services.collection.entrypoints.views import (
    DisputeView,
    ProposalView,
    ReviewView,
    WeighingView,
)
from shared.http.body import View
from shared.kernel.aggregate import Stored


class RivalView(View):
    """What another device told about the same ticket."""

    device_id: str
    weighing: WeighingView


class VisitView(View):
    """A visit. `producer` is what the visitor was, or counted as."""

    visit_id: str
    drive_id: str
    ticket: int
    site_id: str
    community_code: str
    household_id: str | None = None
    organisation_id: str | None = None
    producer: str
    device_id: str
    weighing: WeighingView
    rivals: tuple[RivalView, ...]
    reviews: tuple[ReviewView, ...]
    disputes: tuple[DisputeView, ...]
    proposal: ProposalView | None = None


class SignUpView(View):
    """A household's sign-up for a drive."""

    sign_up_id: str
    drive_id: str
    household_id: str
    state: str
    at: datetime


def visit_view(stored: Stored[Visit]) -> VisitView:
    """Return the view of a visit."""
    visit = stored.state
    return VisitView(
        visit_id=visit.visit_id,
        drive_id=visit.drive_id,
        ticket=visit.ticket,
        site_id=visit.site.site_id,
        community_code=visit.site.community_code,
        household_id=visit.household_id,
        organisation_id=visit.first.visitor.organisation_id,
        producer=visit.producer,
        device_id=visit.first.device_id,
        weighing=visit.weighing,
        rivals=visit.rivals,
        reviews=visit.reviews,
        disputes=visit.disputes,
        proposal=visit.proposal,
    )


def sign_up_view(stored: Stored[SignUp]) -> SignUpView:
    """Return the view of a sign-up."""
    held = stored.state
    return SignUpView(
        sign_up_id=held.sign_up_id,
        drive_id=held.drive_id,
        household_id=held.household_id,
        state=held.state.value,
        at=held.at,
    )

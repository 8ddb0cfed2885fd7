"""What the API takes of visitors: tickets, check-ins, weigh-ins, sign-ups."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.collection.application.visiting import Identity
from services.collection.domain.weighing import Weighing
from services.collection.entrypoints.bodies import Grams, ScannedLots, lots_of
from shared.contracts.drive import OrganisationId
from shared.contracts.topic import Code, OpaqueId
from shared.http.body import Body, Instant
from shared.kernel.clock import legal_day, to_millisecond

Ticket = Annotated[int, Field(strict=True, ge=1, le=20_000)]
Card = Annotated[str, StringConstraints(min_length=1, max_length=256, pattern=r"^[\x21-\x7e]+$")]


class LeaseBody(Body):
    """A block of numbered tickets for a device, to be used without a network."""

    device_id: OpaqueId
    count: int = Field(strict=True, ge=1, le=200)


class VoidBody(Body):
    """Tickets [first, last] that will not be used, and why."""

    first: Ticket
    last: Ticket
    reason: Code


class IdentityBody(Body):
    """How a visitor is recognised: by card, by sign-up, or not at all."""

    card: Card | None = None
    sign_up_id: OpaqueId | None = None
    organisation_id: OrganisationId | None = None
    producer: Literal["household", "organisation"] = "household"

    @model_validator(mode="after")
    def _is_one_visitor(self) -> Self:
        if sum(each is not None for each in (self.card, self.sign_up_id, self.organisation_id)) > 1:
            raise ValueError("a visitor is recognised by a card, a sign-up or an organisation")
        return self

    def to_identity(self) -> Identity:
        """Return how the visitor is recognised."""
        return Identity(
            card=self.card,
            sign_up_id=self.sign_up_id,
            organisation_id=self.organisation_id,
            is_organisation=self.producer == "organisation",
        )


class CheckInBody(IdentityBody):
    """A visitor stands in line."""

    device_id: OpaqueId


class VisitBody(IdentityBody):
    """Check-in and weigh-in of one visitor. Vehicle and scale are the drive's, unless named.

    Without a ticket the next number is taken.
    """

    device_id: OpaqueId
    ticket: Ticket | None = None
    vehicle_id: OpaqueId | None = None
    scale_id: OpaqueId | None = None
    gross_g: Grams
    tare_g: Grams
    weighed_at: Instant
    lots: ScannedLots

    def to_weighing(self, collector_id: str) -> Weighing:
        """Return what the scale said; the lots' ids are given once the ticket is known."""
        weighed_at = to_millisecond(self.weighed_at)
        return Weighing(
            revision=1,
            vehicle_id=self.vehicle_id or "",
            collector_id=collector_id,
            scale_id=self.scale_id or "",
            gross_g=self.gross_g,
            tare_g=self.tare_g,
            lots=lots_of(self.lots, pickup_id="", revision=1, day=legal_day(weighed_at)),
            weighed_at=weighed_at,
        )


class SignUpBody(Body):
    """Which household wants to come."""

    household_id: OpaqueId

"""recycling.drive.events.v1: collection drives at fixed places, and what each visitor brought."""

from typing import Annotated, ClassVar

from pydantic import Field, StringConstraints

from shared.contracts.lots import Corrected, Grade, Lots
from shared.contracts.topic import (
    Cell,
    Code,
    CommunityCode,
    Grams,
    Instant,
    MaterialCode,
    OpaqueId,
    Payload,
    Topic,
)

# Shorter than other ids: an account of pricing's is named after it.
OrganisationId = Annotated[str, StringConstraints(max_length=48, pattern=r"^[\w.:-]+$")]
Count = Annotated[int, Field(ge=0, strict=True)]
Revision = Annotated[int, Field(ge=1, strict=True)]
SiteKind = Annotated[str, Field(pattern="^(community|school|office|mall)$")]
Producer = Annotated[str, Field(pattern="^(household|organisation)$")]


class _Drive(Payload):
    drive_id: OpaqueId
    site_id: OpaqueId
    community_code: CommunityCode = Field(description="of the site; the key")


class TotalLine(Payload):
    """What a drive collected of one material and grade."""

    material: MaterialCode
    grade: Grade
    mass_g: Count
    lots: Count


class DriveTotals(Payload):
    """Sums over all visits of a drive. They are there to be compared with the visits' lots.

    Whoever counts lots never counts these: each gram is in exactly one visit. `households` are the
    distinct ones that were recognised, `anonymous` the visits of nobody in particular.
    """

    visits: Count
    households: Count
    anonymous: Count
    mass_g: Count
    lines: Annotated[tuple[TotalLine, ...], Field(max_length=500)]


class DriveAnnounced(_Drive):
    """Everybody may know of it: where, when, for what, and who is there."""

    TYPE: ClassVar[str] = "recycling.drive.announced.v1"
    site_kind: SiteKind
    cell: Cell = Field(description="H3 cell, resolution 9, of the site")
    window_start: Instant
    window_end: Instant
    materials: Annotated[tuple[MaterialCode, ...], Field(min_length=1, max_length=40)]
    collector_id: OpaqueId
    expected_households: Count | None = None
    capacity: Count | None = Field(default=None, description="places to sign up for, if any")
    announced_at: Instant


class DriveReassigned(_Drive):
    """Somebody else is in charge: appointed, or the stand-in, because nobody had opened it."""

    TYPE: ClassVar[str] = "recycling.drive.reassigned.v1"
    collector_id: OpaqueId
    reason: Code = Field(description="appointed, unopened")
    reassigned_at: Instant


class DriveOpened(_Drive):
    """The named collector, or the stand-in, is there."""

    TYPE: ClassVar[str] = "recycling.drive.opened.v1"
    collector_id: OpaqueId
    opened_at: Instant


class DriveClosed(_Drive):
    """It is over, and each leased ticket is used, void or expired. `revision` is 1."""

    TYPE: ClassVar[str] = "recycling.drive.closed.v1"
    totals: DriveTotals
    revision: Revision
    closed_at: Instant


class DriveTotalsRevised(_Drive):
    """A visit was told or corrected after the end: the totals as they now stand.

    `state` says how the drive ended. The highest revision is the truth.
    """

    TYPE: ClassVar[str] = "recycling.drive.totals-revised.v1"
    state: Annotated[str, Field(pattern="^(closed|aborted|cancelled|missed)$")]
    totals: DriveTotals
    revision: Revision
    revised_at: Instant


class DriveCancelled(_Drive):
    """It will not take place. `notice_s` is how long before its begin that was decided."""

    TYPE: ClassVar[str] = "recycling.drive.cancelled.v1"
    reason: Code = Field(description="weather, holiday, …")
    notice_s: Count
    cancelled_at: Instant


class DriveAborted(_Drive):
    """It ended before its time; what was collected by then is kept."""

    TYPE: ClassVar[str] = "recycling.drive.aborted.v1"
    reason: Code
    totals: DriveTotals
    revision: Revision
    aborted_at: Instant


class DriveMissed(_Drive):
    """Nobody opened it. An opening that was told late may still follow."""

    TYPE: ClassVar[str] = "recycling.drive.missed.v1"
    missed_at: Instant


class _Visit(_Drive):
    visit_id: OpaqueId
    ticket: Revision = Field(description="its number at the drive")
    household_id: OpaqueId | None = Field(default=None, description="where it was recognised")
    organisation_id: OrganisationId | None = None
    producer: Producer
    site_kind: SiteKind
    central_store: bool = Field(default=False, description="the site is a designated one")


class VisitWeighed(_Visit):
    """What one visitor brought. Σ lots = net = gross - tare, in grams. `revision` is 1.

    Facts only: what the law makes of producer, condition and place is for tracking to decide.
    `producer` is what the visitor was, or counted as: an anonymous one with many pieces counts as
    an organisation. `weighed_at` is when it happened, `recorded_at` when it was told.
    """

    TYPE: ClassVar[str] = "recycling.drive.visit-weighed.v1"
    revision: Revision
    vehicle_id: OpaqueId
    collector_id: OpaqueId
    scale_id: OpaqueId
    gross_g: Grams
    tare_g: Grams
    net_g: Grams
    lots: Lots
    weighed_at: Instant
    recorded_at: Instant | None = None
    flags: tuple[Code, ...] = ()


class VisitCorrected(Corrected, _Visit):
    """A correction: the whole list of lots before and after. Effects are the difference of both.

    `weighed_at` is that of the first weighing: sums of that hour change, not of today's.
    """

    TYPE: ClassVar[str] = "recycling.drive.visit-corrected.v1"


TOPIC = Topic(
    name="recycling.drive.events.v1",
    purpose="Collection drives at fixed places and times, and what each visitor brought.",
    key="community code (12 digits) of the drive's site",
    ordering="all events of one community, and so of one drive and its visits, are in order",
    producer="collection",
    consumers=("pricing", "tracking", "volumes", "recycling companies", "partners"),
    partitions=12,
    payloads=(
        DriveAnnounced,
        DriveReassigned,
        DriveOpened,
        DriveClosed,
        DriveTotalsRevised,
        DriveCancelled,
        DriveAborted,
        DriveMissed,
        VisitWeighed,
        VisitCorrected,
    ),
)

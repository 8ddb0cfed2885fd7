"""What the API gives of sites and drives."""

from datetime import date, datetime

from services.collection.application.drive_ports import Contact
from services.collection.domain.drive import Drive
from services.collection.domain.drive_series import Series
from services.collection.domain.site import Site
from services.collection.domain.tickets import TicketBook, TicketLease
from services.collection.domain.totals import DriveTotals
from services.collection.entrypoints.views import StepView
from shared.http.body import View
from shared.kernel.aggregate import Stored


class LicenceView(View):
    """A permission of a site."""

    kind: str
    number: str
    valid_from: date
    valid_until: date


class ContactView(View):
    """Whom to ask and where it is: for staff alone."""

    name: str | None = None
    phone: str | None = None
    address: str | None = None
    latitude: float
    longitude: float


class SiteView(View):
    """A place where drives are held."""

    site_id: str
    kind: str
    community_code: str
    cell: str
    indoor_m2: int
    licences: tuple[LicenceView, ...]
    central_store: bool
    contact: ContactView | None = None


class DriveRulesView(View):
    """The limits of a drive."""

    announce_ahead_h: int
    open_ahead_min: int
    unopened_min: int
    close_after_min: int
    ticket_expiry_h: int
    drawn_ticket_min: int
    anonymous_pieces_max: int


class TermsView(View):
    """What drives are for and who holds them."""

    materials: tuple[str, ...]
    collector_id: str
    vehicle_id: str
    scale_id: str
    stand_in_id: str | None = None
    expected_households: int | None = None
    capacity: int | None = None
    campaign_id: str | None = None
    rules: DriveRulesView


class TotalLineView(View):
    """Grams and lots of one material and grade."""

    material: str
    grade: str
    mass_g: int
    lots: int


class TotalsView(View):
    """What a drive collected. `revision` 0: it has not ended, these are the sums by now."""

    drive_id: str
    revision: int
    visits: int
    households: int
    anonymous: int
    mass_g: int
    lines: tuple[TotalLineView, ...]


class DriveView(View):
    """A drive. `collector_id` is in charge, `site` is as it was planned."""

    drive_id: str
    site: SiteView
    terms: TermsView
    window_start: datetime
    window_end: datetime
    state: str
    collector_id: str
    series_id: str | None = None
    called_at: datetime | None = None
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    totals: TotalsView | None = None
    history: tuple[StepView, ...]


class SeriesView(View):
    """A recurring drive."""

    series_id: str
    site_id: str
    rule: str
    first_day: date
    begins_at: str
    lasts_min: int
    exceptions: tuple[date, ...]
    ends_on: date | None = None
    on_holidays: bool
    horizon_days: int
    terms: TermsView


class LeaseView(View):
    """Numbers [first, first + count) of a device."""

    lease_id: str
    device_id: str
    first: int
    count: int
    expires_at: datetime


class CheckInView(View):
    """The ticket of a visitor in line."""

    ticket: int
    expires_at: datetime
    recognised: bool


class TicketsView(View):
    """How many of a drive's tickets are where; `leased` ones are still out."""

    drive_id: str
    sealed: bool
    given_out: int
    used: int
    void: int
    expired: int
    leased: int
    unknown: int
    leases: tuple[LeaseView, ...]


class VoidView(View):
    """Tickets that will not be used."""

    first: int
    last: int
    reason: str


def site_view(stored: Stored[Site]) -> SiteView:
    """Return the view of a site, without its contact."""
    return SiteView.model_validate(stored.state)


def contact_view(contact: Contact | None) -> ContactView | None:
    """Return the view of a contact."""
    return ContactView.model_validate(contact) if contact is not None else None


def drive_view(stored: Stored[Drive]) -> DriveView:
    """Return the view of a drive."""
    drive = stored.state
    return DriveView(
        drive_id=drive.drive_id,
        site=drive.site,
        terms=drive.terms,
        window_start=drive.window_start,
        window_end=drive.window_end,
        state=drive.state.value,
        collector_id=drive.collector_id,
        series_id=drive.series_id,
        called_at=drive.called_at,
        opened_at=drive.opened_at,
        ended_at=drive.ended_at,
        reason=drive.reason,
        totals=totals_view(drive, drive.totals) if drive.revision else None,
        history=drive.history,
    )


def totals_view(drive: Drive, totals: DriveTotals) -> TotalsView:
    """Return the view of totals."""
    return TotalsView(
        drive_id=drive.drive_id,
        revision=drive.revision,
        visits=totals.visits,
        households=totals.households,
        anonymous=totals.anonymous,
        mass_g=totals.mass_g,
        lines=totals.lines,
    )


def series_view(stored: Stored[Series]) -> SeriesView:
    """Return the view of a series."""
    held = stored.state
    return SeriesView(
        series_id=held.series_id,
        site_id=held.site_id,
        rule=held.rule,
        first_day=held.first_day,
        begins_at=held.begins_at.strftime("%H:%M"),
        lasts_min=held.lasts_min,
        exceptions=held.exceptions,
        ends_on=held.ends_on,
        on_holidays=held.on_holidays,
        horizon_days=held.horizon_days,
        terms=held.terms,
    )


def lease_view(lease: TicketLease) -> LeaseView:
    """Return the view of a lease."""
    return LeaseView.model_validate(lease)


def tickets_view(book: TicketBook, counts: dict[str, int]) -> TicketsView:
    """Return the view of a book; single draws are not listed."""
    return TicketsView(
        drive_id=book.drive_id,
        sealed=book.sealed,
        given_out=book.next_ticket - 1,
        leases=tuple(lease_view(each) for each in book.leases if each.count > 1),
        **counts,
    )

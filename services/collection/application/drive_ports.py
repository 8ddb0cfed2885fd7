"""What the handlers of drives need from the outside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from services.collection.application.ports import Pools, Recognised
from services.collection.domain.campaign import Campaign
from services.collection.domain.drive import Drive
from services.collection.domain.drive_series import Series
from services.collection.domain.signup import SignUp
from services.collection.domain.site import Site
from services.collection.domain.tickets import TicketBook, TicketLease, TicketVoid
from services.collection.domain.visit import Visit
from shared.kernel.aggregate import Aggregates, Stored

Sites = Aggregates[Site]
Drives = Aggregates[Drive]
Visits = Aggregates[Visit]
SignUps = Aggregates[SignUp]


@dataclass(frozen=True, slots=True)
class Contact:
    """Whom to ask at a site, and where it is: personal data, kept apart. WGS84 degrees."""

    name: str | None
    phone: str | None
    address: str | None
    latitude: float
    longitude: float


class Contacts(Protocol):
    """Contacts of sites: personal data, in a collection of their own. Calls may be repeated."""

    def keep(self, site_id: str, contact: Contact, *, version: int) -> None:
        """Keep, or replace that of an earlier version of the site; a later one's stays."""

    def of(self, site_id: str) -> Contact | None:
        """Return the contact, where there is one."""


class Cards(Protocol):
    """Residents' QR cards: opaque tokens that change."""

    def holder_of(self, token: str, *, at: datetime) -> Recognised | None:
        """Return whose card that was at an instant, or None for one that nobody had."""


class Homes(Protocol):
    """Which households are whose. Calls block and raise `Unavailable`."""

    def check(self, household_id: str, caller: str | None) -> None:
        """Raise `NotFound` (household.not_found) where it is not the caller's; None is staff.

        `Conflict` (household.closed) where nobody lives there any more.
        """

    def of(self, caller: str) -> Sequence[str]:
        """Return the caller's households, 100 at the most."""


class DrivePlaces(Pools, Protocol):
    """The pools of drives' places."""

    def ensure(self, pool_id: str, capacity: int) -> None:
        """Make the pool, unless it is there."""


class Tickets(Protocol):
    """Ticket books. Each changes by one atomic update; calls block and raise `Unavailable`."""

    def book(self, drive_id: str) -> TicketBook:
        """Return the book; an empty one where no ticket was given out."""

    def lease(self, drive_id: str, lease: TicketLease) -> TicketLease:
        """Give out the next numbers under the lease's id; again: the same numbers.

        Raises `Conflict` (drive.closing, drive.no_tickets).
        """

    def void(self, drive_id: str, void: TicketVoid) -> TicketBook:
        """End tickets that will not be used; again: the same. `Invalid` (tickets.not_leased)."""

    def seal(self, drive_id: str) -> TicketBook:
        """Lease no more blocks; return the book as it then is."""


class DriveSearch(Protocol):
    """Reads over drives and visits that no single id answers. They block."""

    def known(self, drive_ids: Iterable[str]) -> set[str]:
        """Return which of these drives are there."""

    def visits_of(self, drive_id: str) -> list[Visit]:
        """Return all visits of a drive, as they were at one instant."""

    def has_visits(self, drive_id: str, count: int) -> bool:
        """Say whether a drive has so many visits, or more."""

    def mark_counted(self, visits: Sequence[Visit]) -> None:
        """Note that these revisions of visits are in their drive's totals; may be repeated."""

    def with_uncounted(self, *, limit: int) -> list[Drive]:
        """Return drives that have ended and have visits which are not in their totals."""

    def to_watch(self, now: datetime, *, limit: int) -> list[Drive]:
        """Return drives whose begin is over and that are not open, and open ones past their end."""

    def to_announce(self, now: datetime, *, limit: int) -> list[Drive]:
        """Return planned drives whose time to be announced has come."""

    def closing(self, *, limit: int) -> list[Drive]:
        """Return drives that are closing."""

    def ended_of(self, campaign_id: str, *, known: Mapping[str, int]) -> list[Drive]:
        """Return a campaign's drives that have ended, but those `known` at their revision."""

    def of_site(self, site_id: str, *, since: datetime, limit: int) -> list[Drive]:
        """Return a site's drives that begin from `since` on, the latest first."""

    def signed_by(self, household_id: str, *, limit: int) -> list[Stored[SignUp]]:
        """Return a household's sign-ups that stand."""

    def giving_up_places(self, *, limit: int) -> list[Stored[SignUp]]:
        """Return sign-ups that gave up a place which may still be held."""


class SeriesBook(Aggregates[Series], Protocol):
    """Recurring drives."""

    def running(self) -> Iterable[Series]:
        """Return those that have not ended, by id."""


class Campaigns(Aggregates[Campaign], Protocol):
    """Campaigns with their boards."""

    def all(self) -> Iterable[Campaign]:
        """Return all campaigns, by id."""

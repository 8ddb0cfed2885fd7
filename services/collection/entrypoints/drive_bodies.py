"""What the API takes of sites and drives."""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.collection.application.drive_ports import Contact
from services.collection.domain.drive import DriveRules, Terms
from services.collection.domain.drive_series import Series
from services.collection.domain.site import Licence, Site
from services.collection.entrypoints.bodies import Text
from shared.contracts.topic import Code, CommunityCode, MaterialCode, OpaqueId
from shared.http.body import Body, Day, Instant
from shared.reference.materials import material

Minutes = Annotated[int, Field(strict=True, ge=1, le=1_440)]
Rule = Annotated[str, StringConstraints(min_length=1, max_length=300)]


class LicenceBody(Body):
    """A permission of the site, as its paper says."""

    kind: Code
    number: OpaqueId
    valid_from: Day
    valid_until: Day


class SiteFactsBody(Body):
    """A place where drives are held. The point and the contact are kept with personal data."""

    kind: Literal["community", "school", "office", "mall"]
    community_code: CommunityCode
    latitude: float = Field(ge=-90, le=90)
    longitude: float = Field(ge=-180, le=180)
    indoor_m2: int = Field(default=0, strict=True, ge=0, le=100_000)
    licences: list[LicenceBody] = Field(default=[], max_length=16)
    central_store: bool = False
    contact_name: Text | None = None
    contact_phone: Text | None = None
    address: Text | None = None

    def to_site(self, site_id: str) -> Site:
        """Return the site; its cell is worked out from the point."""
        return Site(
            site_id=site_id,
            kind=self.kind,
            community_code=self.community_code,
            cell="",
            indoor_m2=self.indoor_m2,
            licences=tuple(_licence(each) for each in self.licences),
            central_store=self.central_store,
        )

    def to_contact(self) -> Contact:
        """Return what is personal of it."""
        return Contact(
            self.contact_name, self.contact_phone, self.address, self.latitude, self.longitude
        )


class SiteBody(SiteFactsBody):
    """A new site under an id of its own."""

    site_id: OpaqueId


class DriveRulesBody(Body):
    """Limits of a drive; what is left out has its default."""

    announce_ahead_h: int = Field(default=168, strict=True, ge=0, le=2_160)
    open_ahead_min: Annotated[int, Field(strict=True, ge=0, le=1_440)] = 120
    unopened_min: Minutes = 30
    close_after_min: Minutes = 120
    ticket_expiry_h: int = Field(default=12, strict=True, ge=1, le=336)
    drawn_ticket_min: Minutes = 15
    anonymous_pieces_max: int = Field(default=10, strict=True, ge=0, le=10_000)


class TermsBody(Body):
    """What drives are for and who holds them."""

    materials: list[MaterialCode] = Field(min_length=1, max_length=40)
    collector_id: OpaqueId
    vehicle_id: OpaqueId
    scale_id: OpaqueId
    stand_in_id: OpaqueId | None = None
    expected_households: int | None = Field(default=None, strict=True, ge=0, le=100_000)
    capacity: int | None = Field(default=None, strict=True, ge=1, le=2_000)
    campaign_id: OpaqueId | None = None
    rules: DriveRulesBody = DriveRulesBody()

    def to_terms(self) -> Terms:
        """Return the terms; an unknown material is `Invalid` (materials.unknown)."""
        return Terms(
            materials=tuple(dict.fromkeys(material(code).code for code in self.materials)),
            collector_id=self.collector_id,
            vehicle_id=self.vehicle_id,
            scale_id=self.scale_id,
            stand_in_id=self.stand_in_id,
            expected_households=self.expected_households,
            capacity=self.capacity,
            campaign_id=self.campaign_id,
            rules=DriveRules(**self.rules.model_dump()),
        )


class DriveBody(Body):
    """One drive, in [window_start, window_end)."""

    site_id: OpaqueId
    window_start: Instant
    window_end: Instant
    terms: TermsBody


class SeriesBody(Body):
    """A recurring drive: days by a rule (RFC 5545, no times in it), at `begins_at` (Shanghai)."""

    site_id: OpaqueId
    rule: Rule
    first_day: Day
    begins_at: Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    lasts_min: Minutes
    exceptions: list[Day] = Field(default=[], max_length=200)
    ends_on: Day | None = None
    on_holidays: bool = True
    horizon_days: int = Field(default=28, strict=True, ge=1, le=180)
    terms: TermsBody

    def to_series(self, series_id: str) -> Series:
        """Return the series."""
        return Series(
            series_id=series_id,
            site_id=self.site_id,
            rule=self.rule,
            first_day=self.first_day,
            begins_at=time.fromisoformat(self.begins_at),
            lasts_min=self.lasts_min,
            terms=self.terms.to_terms(),
            exceptions=days_of(self.exceptions),
            ends_on=self.ends_on,
            on_holidays=self.on_holidays,
            horizon_days=self.horizon_days,
        )


class SeriesAmendmentBody(Body):
    """Days without a drive, and the last day, as they are from now on."""

    exceptions: list[Day] = Field(default=[], max_length=200)
    ends_on: Day | None = None


class AnnouncementBody(Body):
    """Let everybody know now."""


class AppointmentBody(Body):
    """Who is in charge from now on."""

    collector_id: OpaqueId


class OpeningBody(Body):
    """When it was opened: a phone may have been offline."""

    opened_at: Instant


class ClosingBody(Body):
    """No more visitors."""


def days_of(days: list[date]) -> tuple[date, ...]:
    """Return days in order, each once."""
    return tuple(sorted(set(days)))


def _licence(each: LicenceBody) -> Licence:
    return Licence(each.kind, each.number, each.valid_from, each.valid_until)

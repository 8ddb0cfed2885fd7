"""What operators tell collection: a community's rules, and scales."""

from datetime import date, time
from typing import Annotated, Literal

from pydantic import Field

from services.collection.domain.community import Closure, CommunityRules, WeeklyBand
from services.collection.domain.rules import CutOff, CutOffs
from services.collection.domain.scales import Calibration, Scale
from shared.contracts.topic import Code, OpaqueId
from shared.http.body import Body, Day, Instant
from shared.kernel.clock import to_millisecond

Band = Literal["morning", "afternoon", "evening"]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
Count = Annotated[int, Field(strict=True, ge=1, le=2_000)]


class CutOffBody(Body):
    """Until `at` (Asia/Shanghai, HH:MM), so many days, or working days, before the service day."""

    at: Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$")]
    days_before: int = Field(strict=True, ge=0, le=30)
    working_days: bool = False

    def to_cut_off(self) -> CutOff:
        """Return the cut-off."""
        return CutOff(time.fromisoformat(self.at), self.days_before, self.working_days)


class WeeklyBandBody(Body):
    """A band that is offered on some weekdays."""

    weekdays: list[Weekday] = Field(min_length=1, max_length=7)
    band: Band
    capacity: Count
    on_holidays: bool = False
    on_make_up_days: bool = False


class ClosureBody(Body):
    """Days without collection."""

    first: Day
    last: Day
    reason: Code
    band: Band | None = None


class RulesBody(Body):
    """A community's rules, whole; what is left out has its default."""

    book: CutOffBody | None = None
    amend: CutOffBody | None = None
    cancel: CutOffBody | None = None
    weekly: list[WeeklyBandBody] = Field(default=[], max_length=21)
    closures: list[ClosureBody] = Field(default=[], max_length=100)
    horizon_days: int = Field(default=14, strict=True, ge=1, le=60)

    def to_rules(self, community_code: str) -> CommunityRules:
        """Return the rules."""
        usual = CutOffs()
        return CommunityRules(
            community_code,
            cut_offs=CutOffs(
                book=self.book.to_cut_off() if self.book else usual.book,
                amend=self.amend.to_cut_off() if self.amend else usual.amend,
                cancel=self.cancel.to_cut_off() if self.cancel else usual.cancel,
            ),
            weekly=tuple(_weekly(each) for each in self.weekly),
            closures=tuple(_closure(each) for each in self.closures),
            horizon_days=self.horizon_days,
        )


class CalibrationBody(Body):
    """A verification of a scale, valid in [valid_from, valid_until)."""

    certificate: OpaqueId
    valid_from: Instant
    valid_until: Instant

    def to_calibration(self) -> Calibration:
        """Return the calibration."""
        return Calibration(
            self.certificate, to_millisecond(self.valid_from), to_millisecond(self.valid_until)
        )


class ScaleBody(Body):
    """The most that a scale can show, its division, and its verifications."""

    scale_id: OpaqueId
    range_g: int = Field(strict=True, ge=1, le=3_000_000)
    division_g: int = Field(strict=True, ge=1, le=100_000)
    calibrations: list[CalibrationBody] = Field(default=[], max_length=64)

    def to_scale(self) -> Scale:
        """Return the scale."""
        calibrations = tuple(each.to_calibration() for each in self.calibrations)
        return Scale(self.scale_id, self.range_g, self.division_g, calibrations)


class SlotCapacityBody(Body):
    """How many places a slot has from now on."""

    capacity: Count


def _weekly(each: WeeklyBandBody) -> WeeklyBand:
    return WeeklyBand(
        weekdays=tuple(each.weekdays),
        band=each.band,
        capacity=each.capacity,
        on_holidays=each.on_holidays,
        on_make_up_days=each.on_make_up_days,
    )


def _closure(each: ClosureBody) -> Closure:
    first: date = each.first
    return Closure(first, each.last, each.reason, each.band)

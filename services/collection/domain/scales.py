"""Scales and their calibrations. A reading is judged by the calibration at the time it was made."""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.errors import Invalid

CALIBRATIONS_MAX = 64


@dataclass(frozen=True, slots=True)
class Calibration:
    """A verification of a scale, valid in [valid_from, valid_until)."""

    certificate: str
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale: the most that it can show, its division, and its verifications."""

    scale_id: str
    range_g: int
    division_g: int
    calibrations: tuple[Calibration, ...] = ()

    def is_calibrated(self, at: datetime) -> bool:
        """Say whether some verification was valid at an instant."""
        return any(each.valid_from <= at < each.valid_until for each in self.calibrations)

    def verified(self, calibration: Calibration) -> "Scale":
        """Return the scale with one more verification, or raise `Invalid` (scale.…)."""
        if calibration in self.calibrations:
            return self
        scale = replace(self, calibrations=(*self.calibrations, calibration))
        check_scale(scale)
        return scale


def check_scale(scale: Scale) -> None:
    """Raise `Invalid` (scale.…) for a scale that cannot be."""
    if not 0 < scale.division_g <= scale.range_g:
        raise Invalid("scale.division", "a division is positive and not above the range")
    if len(scale.calibrations) > CALIBRATIONS_MAX:
        raise Invalid("scale.calibrations", f"a scale has up to {CALIBRATIONS_MAX} calibrations")
    if any(each.valid_from >= each.valid_until for each in scale.calibrations):
        raise Invalid("scale.calibrations", "a calibration ends after it begins")


def check_range(scale: Scale, gross_g: int) -> None:
    """Raise `Invalid` (weighing.beyond_scale): no such reading can have been made."""
    if gross_g > scale.range_g:
        raise Invalid("weighing.beyond_scale", "the scale cannot show so much")


def scale_flags(scale: Scale | None, at: datetime) -> tuple[str, ...]:
    """Return what is to be said of a scale at the time of a reading."""
    if scale is None:
        return ("weighing.scale_unknown",)
    return () if scale.is_calibrated(at) else ("weighing.scale_not_calibrated",)

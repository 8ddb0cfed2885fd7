"""What the scale said at the door. Facts are kept; what breaks a rule is flagged for a person."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.collection.domain.scales import Scale, check_range, scale_flags
from shared.kernel.errors import Invalid
from shared.kernel.mass import MASS_G_MAX, grams

GRADES = ("A", "B", "C")
LOTS_MAX = 40
PIECES_MAX = 10_000
BASIS_POINTS = 10_000
# Platform scales of collectors weigh up to 3 t; a reading above is impossible, not unusual. What
# comes from the table of nominal masses was on no scale.
SCALE_RANGE_G = 3_000_000


@dataclass(frozen=True, slots=True)
class WeighedLot:
    """One quantity of one material and grade: net grams, contamination beside it, never in it.

    `nominal` marks grams that come from the table of dated nominal masses, not from the scale.
    `permit_id` is the permit that it came with (permits.py), `permit_fault` why that does not fit.
    """

    lot_id: str
    material: str
    grade: str
    mass_g: int
    contamination_bp: int = 0
    hazardous: bool = False
    container_tag: str | None = None
    pieces: int | None = None
    condition: str | None = None
    nominal: bool = False
    permit_id: str | None = None
    permit_fault: str | None = None


@dataclass(frozen=True, slots=True)
class Weighing:
    """One weigh-in; `revision` counts corrections, from 1.

    `weighed_at` is when it happened; `recorded_at` when the system learnt of it, which may be
    hours later: a phone was offline.
    """

    revision: int
    vehicle_id: str
    collector_id: str
    scale_id: str
    gross_g: int
    tare_g: int
    lots: tuple[WeighedLot, ...]
    weighed_at: datetime
    flags: tuple[str, ...] = ()
    recorded_at: datetime | None = None

    @property
    def net_g(self) -> int:
        """Gross less tare."""
        return self.gross_g - self.tare_g

    def is_same(self, other: "Weighing") -> bool:
        """Say whether another submission tells the same: same device, time and lots.

        What was found of its scale and its permits may differ: keys come and go.
        """
        said = replace(other, flags=self.flags, recorded_at=self.recorded_at)
        return said._plain() == self._plain()

    def _plain(self) -> "Weighing":
        lots = tuple(replace(lot, permit_id=None, permit_fault=None) for lot in self.lots)
        return replace(self, lots=lots)


def check_possible(gross_g: int, tare_g: int, *, lots: Sequence[WeighedLot]) -> None:
    """Refuse only the impossible: raise `Invalid` (mass.impossible, weighing.…)."""
    grams(gross_g, maximum_g=SCALE_RANGE_G)
    grams(tare_g, maximum_g=SCALE_RANGE_G)
    if tare_g > gross_g:
        raise Invalid("weighing.negative_net", "gross is less than tare")
    if not 0 < len(lots) <= LOTS_MAX:
        raise Invalid("weighing.lots", f"a weigh-in has 1 to {LOTS_MAX} lots")
    for lot in lots:
        _check_lot(lot)


def _check_lot(lot: WeighedLot) -> None:
    grams(lot.mass_g, maximum_g=MASS_G_MAX if lot.nominal else SCALE_RANGE_G)
    if lot.grade not in GRADES:
        raise Invalid("weighing.grade", "a grade is A, B or C")
    if not 0 <= lot.contamination_bp <= BASIS_POINTS:
        raise Invalid("weighing.contamination", "a share is 0 to 10,000 basis points")
    if lot.pieces is not None and not 0 <= lot.pieces <= PIECES_MAX:
        raise Invalid("weighing.pieces", f"there are 0 to {PIECES_MAX} pieces")


def judged(weighing: Weighing, scale: Scale | None, *, now: datetime) -> Weighing:
    """Return a weigh-in as it is recorded now, with what is to be said of its scale.

    Raises `Invalid` (weighing.beyond_scale) for a reading that the scale cannot give.
    """
    if scale is not None:
        check_range(scale, weighing.gross_g)
    flags = (*weighing.flags, *scale_flags(scale, weighing.weighed_at))
    return replace(weighing, flags=flags, recorded_at=now)


def rule_flags(
    weighing: Weighing,
    *,
    window_end: datetime,
    now: datetime,
    window_start: datetime | None = None,
) -> tuple[str, ...]:
    """Return the codes of the rules that a weigh-in breaks, for a person to look at.

    `window_start` is a booking's: before it a pickup that was moved may be weighed where it was.
    """
    flags = []
    weighed_g = sum(lot.mass_g for lot in weighing.lots if not lot.nominal)
    if weighed_g != weighing.net_g:
        flags.append("weighing.net_differs")
    if any(lot.nominal for lot in weighing.lots):
        flags.append("weighing.nominal_mass")
    if weighing.weighed_at > now:
        flags.append("weighing.from_the_future")
    if window_start is not None and weighing.weighed_at < window_start:
        flags.append("weighing.early")
    if weighing.weighed_at >= window_end:
        flags.append("weighing.late")
    if any(lot.hazardous and lot.container_tag is None for lot in weighing.lots):
        flags.append("weighing.hazardous_without_container")
    if any(lot.permit_fault is not None for lot in weighing.lots):
        flags.append("weighing.permit_fault")
    return tuple(flags)

"""What collection's API tells operators: a community's rules, and scales."""

from datetime import date, datetime

from services.collection.domain.community import CommunityRules
from services.collection.domain.rules import CutOff
from services.collection.domain.scales import Scale
from shared.http.body import View
from shared.kernel.aggregate import Stored


class CutOffView(View):
    """Until `at` (Asia/Shanghai), so many days, or working days, before the service day."""

    at: str
    days_before: int
    working_days: bool


class WeeklyBandView(View):
    """A band that is offered on some weekdays."""

    weekdays: tuple[str, ...]
    band: str
    capacity: int
    on_holidays: bool
    on_make_up_days: bool


class ClosureView(View):
    """Days without collection."""

    first: date
    last: date
    reason: str
    band: str | None = None


class RulesView(View):
    """What holds in a community."""

    community_code: str
    book: CutOffView
    amend: CutOffView
    cancel: CutOffView
    weekly: tuple[WeeklyBandView, ...]
    closures: tuple[ClosureView, ...]
    horizon_days: int


class CalibrationView(View):
    """A verification, valid in [valid_from, valid_until)."""

    certificate: str
    valid_from: datetime
    valid_until: datetime


class ScaleView(View):
    """A registered scale."""

    scale_id: str
    range_g: int
    division_g: int
    calibrations: tuple[CalibrationView, ...]


def stored_rules_view(stored: Stored[CommunityRules]) -> RulesView:
    """Return the view of stored rules."""
    return rules_view(stored.state)


def rules_view(rules: CommunityRules) -> RulesView:
    """Return the view of rules."""
    return RulesView(
        community_code=rules.community_code,
        book=_cut_off(rules.cut_offs.book),
        amend=_cut_off(rules.cut_offs.amend),
        cancel=_cut_off(rules.cut_offs.cancel),
        weekly=rules.weekly,
        closures=rules.closures,
        horizon_days=rules.horizon_days,
    )


def scale_view(stored: Stored[Scale]) -> ScaleView:
    """Return the view of a scale."""
    return ScaleView.model_validate(stored.state)


def _cut_off(cut_off: CutOff) -> CutOffView:
    return CutOffView(
        at=cut_off.at.strftime("%H:%M"),
        days_before=cut_off.days_before,
        working_days=cut_off.working_days,
    )

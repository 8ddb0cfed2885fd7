"""Orders about series. Each changes the series' document; what follows for its days comes after."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from services.collection.application.desk import own_household
from services.collection.application.materialising import materialise_soon
from services.collection.application.residents import note_pickup
from services.collection.application.rota import Rota
from services.collection.domain.booking import check_item
from services.collection.domain.households import Household
from services.collection.domain.people import Note
from services.collection.domain.series import (
    Outlook,
    Pattern,
    Pause,
    Series,
    check_pattern,
)
from shared.kernel.aggregate import Decision, Request, Stored, answered_before
from shared.kernel.errors import Conflict, NotFound, Rejected

SERIES_MAX = 10


@dataclass(frozen=True, slots=True)
class BeginSeries:
    """A resident (or staff for one) asks for pickups that recur. `note` may name persons."""

    series_id: str
    household_id: str
    pattern: Pattern
    caller: str
    is_staff: bool
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Own:
    """A series as its household, or staff for it, orders something. `edition` None: any."""

    series_id: str
    caller: str
    is_staff: bool
    edition: int | None = None


Change = Callable[[Series, Outlook], Series]


def begin_series(cmd: BeginSeries, *, rota: Rota, request: Request[Series]) -> Stored[Series]:
    """Begin, and book what is within the horizon.

    Raises `NotFound` (household), `Invalid` (series.…), `Conflict` (series.too_many): a household
    has ten at a time, or one more for each that begins in the same moment.
    """
    household = own_household(cmd.household_id, cmd.caller, is_staff=cmd.is_staff, desk=rota.desk)
    try:
        begun = _begin(cmd, household, rota=rota, request=request)
    except Rejected as no:
        begun = answered_before(rota.series, cmd.series_id, no, request=request)
    if cmd.note is not None:
        note = Note(cmd.series_id, cmd.note)
        note_pickup(note, household, caller=cmd.caller, is_staff=cmd.is_staff, desk=rota.desk)
    materialise_soon(cmd.series_id, rota=rota)
    return begun


def amend_series(
    cmd: Own, change: Callable[[Pattern], Pattern], *, rota: Rota, request: Request[Series]
) -> Stored[Series]:
    """Change the pattern; days that are booked and not under way follow."""

    def amend(held: Series, outlook: Outlook) -> Series:
        pattern = change(held.pattern)
        for item in pattern.items:
            check_item(item)
        return held.amended(pattern, outlook)

    return _order(cmd, amend, rota=rota, request=request)


def skip_day(cmd: Own, day: date, *, rota: Rota, request: Request[Series]) -> Stored[Series]:
    """Leave out a day; `Conflict` (collection.too_late) past the cut-off to cancel it."""
    return _order(cmd, lambda held, outlook: held.skip(day, outlook), rota=rota, request=request)


def pause_series(cmd: Own, pause: Pause, *, rota: Rota, request: Request[Series]) -> Stored[Series]:
    """Leave out days until a last one, or until it is resumed."""
    return _order(cmd, lambda held, outlook: held.pause(pause, outlook), rota=rota, request=request)


def resume_series(
    cmd: Own, day: date | None, *, rota: Rota, request: Request[Series]
) -> Stored[Series]:
    """Go on from a day, or from today."""

    def resume(held: Series, outlook: Outlook) -> Series:
        return held.resume(day or outlook.today, outlook)

    return _order(cmd, resume, rota=rota, request=request)


def end_series(
    cmd: Own, last: date | None, *, rota: Rota, request: Request[Series]
) -> Stored[Series]:
    """End after a day, or after today; later days are withdrawn."""

    def end(held: Series, outlook: Outlook) -> Series:
        return held.end(last or outlook.today, outlook)

    return _order(cmd, end, rota=rota, request=request)


def own_series(cmd: Own, *, rota: Rota) -> Stored[Series]:
    """Return the series if its household is the caller's (or for staff), else `NotFound`."""
    stored = rota.series.get(cmd.series_id)
    if cmd.is_staff:  # may look at what a household had that is closed
        return stored
    try:
        own_household(stored.state.household_id, cmd.caller, is_staff=False, desk=rota.desk)
    except NotFound:
        raise NotFound("series.not_found", "there is no such thing") from None
    return stored


def _begin(
    cmd: BeginSeries, household: Household, *, rota: Rota, request: Request[Series]
) -> Stored[Series]:
    for item in cmd.pattern.items:
        check_item(item)
    outlook = rota.outlook(household.community_code)
    check_pattern(cmd.pattern, today=outlook.today, recurrences=rota.recurrences)
    if rota.search.going_on(cmd.household_id) >= SERIES_MAX:
        raise Conflict("series.too_many", f"a household has {SERIES_MAX} series at a time")
    series = Series(
        series_id=cmd.series_id,
        household_id=cmd.household_id,
        community_code=household.community_code,
        pattern=cmd.pattern,
        begun_at=outlook.now,
        due_at=outlook.now,
    )
    return rota.series.create(cmd.series_id, Decision(series.claimed(outlook)), request=request)


def _order(cmd: Own, change: Change, *, rota: Rota, request: Request[Series]) -> Stored[Series]:
    series = own_series(cmd, rota=rota).state
    outlook = rota.outlook(series.community_code, is_staff=cmd.is_staff)

    def decide(held: Series) -> Decision[Series]:
        held.expect(cmd.edition)
        return Decision(change(held, outlook))

    changed = rota.series.change(cmd.series_id, decide, request=request)
    materialise_soon(cmd.series_id, rota=rota)
    return changed


def at_edition(stored: Stored[Series]) -> Stored[Series]:
    """Return it with the edition as its version: what the worker notes is no new version."""
    return replace(stored, version=stored.state.edition)

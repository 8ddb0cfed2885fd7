"""Sites and recurring drives: registered, changed, and planned ahead by the worker."""

from contextlib import suppress
from dataclasses import replace
from datetime import date, timedelta

from services.collection.application.drive_desk import DriveDesk
from services.collection.application.drive_ports import Contact
from services.collection.application.drives import PlanDrive, plan_drive
from services.collection.domain.day_rules import check_day_rule
from services.collection.domain.drive_series import Series, check_series
from services.collection.domain.site import Site, check_site
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict, Invalid

WATCHED_A_ROUND = 500
# A leap day may be eight years away.
LOOKED_AHEAD = timedelta(days=3_653)


def register_site(
    site: Site, contact: Contact, *, desk: DriveDesk, request: Request[Site]
) -> Stored[Site]:
    """Register a site; its point is kept as a cell, and with the contact.

    Personal data is kept after the request was found to be right, and before it is answered.
    """
    placed = _placed(site, contact, desk=desk, request=request)
    stored = desk.sites.create(site.site_id, Decision(placed), request=request)
    _keep(contact, stored, desk=desk, request=request)
    return stored


def amend_site(
    site: Site, contact: Contact, *, desk: DriveDesk, request: Request[Site]
) -> Stored[Site]:
    """Replace a site's facts; drives that are planned keep theirs. A site keeps its community."""
    placed = _placed(site, contact, desk=desk, request=request)

    def decide(held: Site) -> Decision[Site]:
        if held.community_code != placed.community_code:
            raise Conflict("site.other_community", "a site stays in its community")
        return Decision(placed)

    stored = desk.sites.change(site.site_id, decide, request=request)
    _keep(contact, stored, desk=desk, request=request)
    return stored


def begin_series(series: Series, *, desk: DriveDesk, request: Request[Series]) -> Stored[Series]:
    """Begin a recurring drive; its drives are planned by the worker, and at once.

    `NotFound` (site.not_found), `Invalid` (series.…, drive.…; series.no_days for a rule by which
    no day comes within ten years: the 30th of February).
    """
    check_series(series)
    site = desk.sites.get(series.site_id).state
    if series.terms.campaign_id is not None:
        desk.campaigns.get(series.terms.campaign_id)
    _check_rule(series, desk=desk)
    placed = replace(series, community_code=site.community_code)
    stored = desk.series.create(series.series_id, Decision(placed), request=request)
    plan_series(stored.state, desk=desk)
    return stored


def amend_series(
    series_id: str,
    *,
    exceptions: tuple[date, ...],
    ends_on: date | None,
    desk: DriveDesk,
    request: Request[Series],
) -> Stored[Series]:
    """Leave days out, or end it. Drives that are planned already are cancelled one by one."""

    def decide(held: Series) -> Decision[Series]:
        changed = replace(held, exceptions=exceptions, ends_on=ends_on)
        check_series(changed)
        return Decision(changed)

    return desk.series.change(series_id, decide, request=request)


def plan_ahead(*, desk: DriveDesk) -> int:
    """Plan the drives of all series up to their horizon; return how many are new."""
    return sum(plan_series(each, desk=desk) for each in desk.series.running())


def plan_series(series: Series, *, desk: DriveDesk) -> int:
    """Plan one series' drives; may be repeated, because their ids are derived."""
    now = desk.clock.now()
    days = {series.drive_id(day): day for day in _days(series, desk=desk)}
    known = desk.search.known(days)
    planned = 0
    for drive_id, day in days.items():
        start, end = series.window(day)
        if drive_id in known or start <= now:
            continue
        cmd = PlanDrive(
            drive_id=drive_id,
            site_id=series.site_id,
            terms=series.terms,
            window_start=start,
            window_end=end,
            series_id=series.series_id,
        )
        with suppress(Conflict):  # another worker planned it just now
            plan_drive(cmd, desk=desk, request=None)
            planned += 1
    return planned


def watch_all(*, desk: DriveDesk) -> int:
    """Announce what is due, call stand-ins, note what was missed, end what is over."""
    now = desk.clock.now()
    due = desk.search.to_announce(now, limit=WATCHED_A_ROUND)
    for drive in due:
        with suppress(Conflict):  # somebody else announced it, or called it off
            desk.drives.change(drive.drive_id, lambda d: d.announce(now=now))
    late = desk.search.to_watch(now, limit=WATCHED_A_ROUND)
    for drive in late:
        if drive.watch(now=now) is not None:
            desk.drives.change(drive.drive_id, lambda d: d.watch(now=now) or Decision(d))
    return len(due) + len(late)


def _placed(site: Site, contact: Contact, *, desk: DriveDesk, request: Request[Site]) -> Site:
    check_site(site)
    cell = desk.cells.cell_of(contact.latitude, contact.longitude)
    return replace(site, cell=cell, contact_of=request.scope)


def _keep(
    contact: Contact, stored: Stored[Site], *, desk: DriveDesk, request: Request[Site]
) -> None:
    """Keep the contact that a request came with; a late repeat brings none back."""
    if stored.state.contact_of == request.scope:
        desk.contacts.keep(stored.id, contact, version=stored.version)


def _check_rule(series: Series, *, desk: DriveDesk) -> None:
    coming = max(legal_day(desk.clock.now()), series.first_day)
    last = coming + LOOKED_AHEAD
    days = desk.recurrences.days(series.rule, start=series.first_day, first=coming, last=last)
    check_day_rule(series.rule)
    if not days:
        raise Invalid("series.no_days", "by this rule no day will come")


def _days(series: Series, *, desk: DriveDesk) -> list[date]:
    today = legal_day(desk.clock.now())
    last = today + timedelta(days=series.horizon_days)
    days = desk.recurrences.days(series.rule, start=series.first_day, first=today, last=last)
    return series.held_on(days, calendar=desk.working_days)

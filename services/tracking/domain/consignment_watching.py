"""What happens by the clock, by a person's report, and between the manifest and the registry."""

from dataclasses import replace
from datetime import datetime

from services.tracking.domain.consignment import Consignment, Paper
from services.tracking.domain.consignment_claims import Deed
from services.tracking.domain.consignment_custody import telling
from services.tracking.domain.consignment_drafting import lapse
from services.tracking.domain.consignment_due import Due, What, alarm_of, dues
from services.tracking.domain.consignment_events import (
    Alarmed,
    Found,
    Lost,
    Missing,
    OnPaper,
    Registered,
)
from services.tracking.domain.consignment_rules import Rules
from services.tracking.domain.consignment_signing import flagged
from services.tracking.domain.consignment_states import Act, State, after
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict

LATE_PAPER = "registration.backfilled_late"


def watch(held: Consignment, *, rules: Rules, now: datetime) -> Decision[Consignment] | None:
    """Do the earliest thing that is due; None where nothing is."""
    for due in dues(held, rules.deadlines, rules.working_days):
        if due.at <= now:
            return _do(held, due, rules=rules, now=now)
    return None


def find(
    held: Consignment, *, expected_at: datetime, rules: Rules, now: datetime
) -> Decision[Consignment]:
    """A missing or lost load is on its way again."""
    state = after(held.state, Act.FIND)
    found = replace(held, state=state, expected_at=expected_at, ended_because=None)
    if held.state is State.LOST:
        found = telling(flagged(found, "found.after_lost"), Deed.FIND, at=now)
    return rules.decided(held, found, Found(found, held.state, now), told=True)


def declare_lost(
    held: Consignment, report_id: str, *, rules: Rules, now: datetime
) -> Decision[Consignment]:
    """Give a missing load up; `report_id` names the report to the authority.

    Its containers stay its own: what is found after all comes back to it, with its grams.
    """
    lost = replace(held, state=after(held.state, Act.DECLARE_LOST), ended_because="lost")
    lost = telling(lost, Deed.GIVE_UP, at=now)
    return rules.decided(held, lost, Lost(lost, report_id, now), told=True)


def go_on_paper(
    held: Consignment, reason: str, *, rules: Rules, now: datetime
) -> Decision[Consignment]:
    """Run on paper while the registry is away; it is back-filled within 10 working days."""
    if held.number is None or held.registration.registered_at is not None:
        raise Conflict("registration.no_emergency", "only a sealed, unregistered one runs on paper")
    if held.registration.paper is not None:
        raise Conflict("registration.on_paper", "it runs on paper already")
    due_at = rules.working_day_end(now, rules.deadlines.backfilled_within)
    registration = replace(held.registration, paper=Paper(reason, now, due_at))
    on_paper = replace(held, registration=registration)
    return rules.decided(held, on_paper, OnPaper(on_paper, now))


def registered(
    held: Consignment, told: int, receipt_id: str, *, rules: Rules, now: datetime
) -> Decision[Consignment] | None:
    """Note that the registry knows the document up to `told`; None where that is known."""
    before = held.registration
    if told <= before.told:
        return None
    first = before.registered_at is None
    registration = replace(
        before,
        told=told,
        pending=before.wanted > told,
        receipt_id=receipt_id,
        registered_at=before.registered_at or now,
        paper=_backfilled(before.paper, now),
    )
    known = replace(held, registration=registration)
    if before.paper is not None and first and now >= before.paper.due_at:
        known = flagged(known, LATE_PAPER)
    events = (Registered(known, now),) if first else ()
    return rules.decided(held, known, *events)


def registry_refused(
    held: Consignment, told: int, code: str, *, rules: Rules
) -> Decision[Consignment] | None:
    """Note that the registry does not take the document; a person must look at it."""
    if told < held.registration.wanted:
        return None
    registration = replace(held.registration, pending=False, refused=code)
    refused = flagged(replace(held, registration=registration), "registration.refused")
    return rules.decided(held, refused)


def _do(held: Consignment, due: Due, *, rules: Rules, now: datetime) -> Decision[Consignment]:
    if due.what is What.LAPSE:
        return lapse(held, rules=rules, now=now)
    if due.what is What.GO_MISSING:
        missing = replace(held, state=after(held.state, Act.GO_MISSING))
        return rules.decided(held, missing, Missing(missing, now), told=True)
    alarm = alarm_of(due, now)
    alarmed = replace(held, alarms=(*held.alarms, alarm))
    return rules.decided(held, alarmed, Alarmed(alarmed, alarm))


def _backfilled(paper: Paper | None, now: datetime) -> Paper | None:
    if paper is None or paper.backfilled_at is not None:
        return paper
    return replace(paper, backfilled_at=now)

"""What follows from a decision: listed in the consignment, done after it, again after a crash."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import groupby

from services.tracking.application.consignment_desk import ConsignmentDesk
from services.tracking.domain.consignment import Alarm, Consignment
from services.tracking.domain.consignment_claims import CUSTODY, Deed, Errand, Kind
from services.tracking.domain.consignment_events import Alarmed
from shared.kernel.aggregate import Decision, Stored

FOLLOWED_A_ROUND = 200
# An outbox has room for 64 events; the state has all alarms.
ALARMED_MAX = 16


def follow(stored: Stored[Consignment], *, desk: ConsignmentDesk) -> Stored[Consignment]:
    """Do a consignment's errands; return it with its present version.

    An errand that was done and not yet noted is done again: that changes nothing.
    """
    errands = stored.state.errands
    if not errands:
        return stored
    oddities: dict[str, str] = {}
    for is_told, group in groupby(errands, key=lambda errand: errand.deed in CUSTODY):
        if is_told:
            desk.reached("consignment.errand.before")
            oddities |= desk.containers.tell_all(list(group))
            desk.reached("consignment.errand.after")
            continue
        for errand in group:
            desk.reached("consignment.errand.before")
            do(errand, desk=desk)
            desk.reached("consignment.errand.after")
    done = partial(_without, done=errands, oddities=oddities, now=desk.clock.now())
    noted = desk.consignments.change(stored.id, done, known=stored)
    if noted.version == stored.version + 1:  # else somebody else's change came between
        stored = replace(stored, version=noted.version)
    return stored


def follow_errands(*, desk: ConsignmentDesk) -> int:
    """Do what a crash left; return how many consignments had something left."""
    found = desk.search.with_errands(limit=FOLLOWED_A_ROUND)
    for stored in found:
        follow(stored, desk=desk)
    return len(found)


def do(errand: Errand, *, desk: ConsignmentDesk) -> None:
    """Do one errand that gives something up; a repeat changes nothing."""
    claim = errand.claim
    if errand.deed is Deed.SETTLE:
        desk.grams.settle(claim, errand.mass_g)
    elif claim.kind is Kind.CONTAINER:
        desk.containers.free(claim, reason=errand.reason)
    elif claim.kind is Kind.NUMBER:
        desk.numbers.free(claim, reason=errand.reason)
    elif claim.kind is Kind.TRIP:
        desk.trips.free(claim, reason=errand.reason)
    else:
        desk.grams.free(claim, reason=errand.reason)


def _without(
    held: Consignment, *, done: tuple[Errand, ...], oddities: Mapping[str, str], now: datetime
) -> Decision[Consignment]:
    left = tuple(errand for errand in held.errands if errand not in done)
    raised = {(alarm.code, alarm.about) for alarm in held.alarms}
    alarms = tuple(
        Alarm(code, tag, now) for tag, code in oddities.items() if (code, tag) not in raised
    )
    noted = replace(held, errands=left, alarms=(*held.alarms, *alarms))
    return Decision(noted, tuple(Alarmed(noted, alarm) for alarm in alarms[:ALARMED_MAX]))

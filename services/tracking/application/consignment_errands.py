"""What follows from a decision: listed in the consignment, done after it, again after a crash."""

from collections.abc import Iterable, Mapping, Sequence
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
ROUNDS_MAX = 10
# An outbox has room for 64 events; the state has all alarms.
ALARMED_MAX = 16
# Containers of a load that has left: nobody looks for them at the outlet within a second.
WAITING = frozenset({Deed.DEPART})


def follow(stored: Stored[Consignment], *, desk: ConsignmentDesk) -> Stored[Consignment]:
    """Do a consignment's errands, or leave them to the worker where all of them may wait a second.

    Returns it with its present version. In order: what waits is done with the next that does not.
    """
    return stored if _may_wait(stored) else _followed(stored, desk=desk)


def follow_errands(*, desk: ConsignmentDesk) -> int:
    """Do what waits, and what a crash left; return how many consignments had something left."""
    count = 0
    for _ in range(ROUNDS_MAX):
        found = desk.search.with_errands(limit=FOLLOWED_A_ROUND)
        waiting = _apart([each for each in found if _may_wait(each)])
        _tell_of_all(waiting, desk=desk)
        alone = {each.id for each in found} - {each.id for each in waiting}
        for stored in found:
            if stored.id in alone:
                _followed(stored, desk=desk)
        count += len(found)
        if len(found) < FOLLOWED_A_ROUND:
            break
    return count


def _followed(stored: Stored[Consignment], *, desk: ConsignmentDesk) -> Stored[Consignment]:
    """Do all errands. One that was done and not yet noted is done again: that changes nothing."""
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
    return _noted(stored, oddities, desk=desk)


def _tell_of_all(waiting: Sequence[Stored[Consignment]], *, desk: ConsignmentDesk) -> None:
    """Tell the containers of many consignments at once: one read and one write for all."""
    if not waiting:
        return
    desk.reached("consignment.errand.before")
    told = desk.containers.tell_all([each for held in waiting for each in held.state.errands])
    desk.reached("consignment.errand.after")
    for held in waiting:
        tags = {errand.claim.key for errand in held.state.errands}
        _noted(held, {tag: told[tag] for tag in tags & told.keys()}, desk=desk)


def _noted(
    stored: Stored[Consignment], oddities: Mapping[str, str], *, desk: ConsignmentDesk
) -> Stored[Consignment]:
    """Note that its errands were done, and what was odd about them."""
    errands = stored.state.errands
    done = partial(_without, done=errands, oddities=oddities, now=desk.clock.now())
    noted = desk.consignments.change(stored.id, done, known=stored)
    if noted.version == stored.version + 1:  # else somebody else's change came between
        stored = replace(stored, version=noted.version)
    return stored


def _may_wait(stored: Stored[Consignment]) -> bool:
    return all(errand.deed in WAITING for errand in stored.state.errands)


def _apart(found: Iterable[Stored[Consignment]]) -> list[Stored[Consignment]]:
    """Return those that share no container with one before: what is odd is then one's alone."""
    seen: set[str] = set()
    apart = []
    for stored in found:
        tags = {errand.claim.key for errand in stored.state.errands}
        if tags.isdisjoint(seen):
            apart.append(stored)
        seen |= tags
    return apart


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

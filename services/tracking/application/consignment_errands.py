"""What follows from a decision: listed in the consignment, done after it, again after a crash."""

from dataclasses import replace
from functools import partial

from services.tracking.application.consignment_desk import ConsignmentDesk
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_claims import Deed, Errand, Kind
from shared.kernel.aggregate import Decision, Stored

FOLLOWED_A_ROUND = 200


def follow(stored: Stored[Consignment], *, desk: ConsignmentDesk) -> Stored[Consignment]:
    """Do a consignment's errands; return it with its present version.

    An errand that was done and not yet noted is done again: that changes nothing.
    """
    errands = stored.state.errands
    if not errands:
        return stored
    for errand in errands:
        desk.reached("consignment.errand.before")
        do(errand, desk=desk)
        desk.reached("consignment.errand.after")
    noted = desk.consignments.change(stored.id, partial(_without, done=errands))
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
    """Do one errand; a repeat changes nothing."""
    claim = errand.claim
    if errand.deed is Deed.SETTLE:
        desk.grams.settle(claim, errand.mass_g)
    elif errand.deed is Deed.TAKE_OVER and errand.from_id is not None:
        desk.containers.take_over(claim, errand.from_id)
    elif claim.kind is Kind.CONTAINER:
        desk.containers.free(claim, reason=errand.reason)
    elif claim.kind is Kind.NUMBER:
        desk.numbers.free(claim, reason=errand.reason)
    elif claim.kind is Kind.TRIP:
        desk.trips.free(claim, reason=errand.reason)
    else:
        desk.grams.free(claim, reason=errand.reason)


def _without(held: Consignment, *, done: tuple[Errand, ...]) -> Decision[Consignment]:
    left = tuple(errand for errand in held.errands if errand not in done)
    return Decision(replace(held, errands=left))

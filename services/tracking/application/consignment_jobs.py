"""What the worker does again and again: deadlines, and telling the national registry."""

from collections.abc import Callable

from services.tracking.application.consignment_desk import ConsignmentDesk
from services.tracking.application.consignment_errands import follow
from services.tracking.application.consignment_ports import NationalRegistry, Receipt
from services.tracking.domain import consignment_watching as watching
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_fields import document_of
from services.tracking.domain.signatures import canonical
from shared.kernel.aggregate import Decision, Stored
from shared.kernel.errors import Rejected

DUE_A_ROUND = 200
TOLD_A_ROUND = 50


class _NothingNew(Exception):  # noqa: N818 - says what was found
    """The consignment needs no change."""


def watch_deadlines(*, desk: ConsignmentDesk) -> int:
    """Do what time asks for: alarms, void numbers, missing loads. Return how many things."""
    done = 0
    for stored in desk.search.due(desk.clock.now(), limit=DUE_A_ROUND):
        while (changed := _watched(stored.id, desk=desk)) is not None:
            follow(changed, desk=desk)
            done += 1
    return done


def tell_registry(registry: NationalRegistry, *, desk: ConsignmentDesk) -> int:
    """Tell the national registry what changed; return how many documents it took.

    Raises `Unavailable` where it is away: the rest waits for the next round, and so does what it
    took without an answer, which it then knows already.
    """
    told = 0
    for stored in desk.search.untold(limit=TOLD_A_ROUND):
        told += _told(stored, registry, desk=desk)
    return told


def _watched(consignment_id: str, *, desk: ConsignmentDesk) -> Stored[Consignment] | None:
    now = desk.clock.now()
    return _changed(
        consignment_id, lambda held: watching.watch(held, rules=desk.rules, now=now), desk=desk
    )


def _told(stored: Stored[Consignment], registry: NationalRegistry, *, desk: ConsignmentDesk) -> int:
    held, revision = stored.state, stored.state.registration.wanted
    if held.number is None:
        return 0
    desk.reached("registry.declare.before")
    try:
        receipt = registry.declare(held.number, revision, canonical(document_of(held)))
    except Rejected as no:
        _note_refusal(stored.id, revision, no.code, desk=desk)
        return 0
    desk.reached("registry.declare.after")
    _note_receipt(stored.id, revision, receipt, desk=desk)
    return 1


def _note_receipt(
    consignment_id: str, revision: int, receipt: Receipt, *, desk: ConsignmentDesk
) -> None:
    now = desk.clock.now()
    _changed(
        consignment_id,
        lambda held: watching.registered(
            held, revision, receipt.receipt_id, rules=desk.rules, now=now
        ),
        desk=desk,
    )


def _note_refusal(consignment_id: str, revision: int, code: str, *, desk: ConsignmentDesk) -> None:
    _changed(
        consignment_id,
        lambda held: watching.registry_refused(held, revision, code, rules=desk.rules),
        desk=desk,
    )


def _changed(
    consignment_id: str,
    decide: Callable[[Consignment], Decision[Consignment] | None],
    *,
    desk: ConsignmentDesk,
) -> Stored[Consignment] | None:
    """Change where the rule has something to change; None where it has not."""

    def needed(held: Consignment) -> Decision[Consignment]:
        decision = decide(held)
        if decision is None:
            raise _NothingNew
        return decision

    try:
        return desk.consignments.change(consignment_id, needed)
    except _NothingNew:
        return None

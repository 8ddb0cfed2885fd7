"""Asking for registers, and looking how far they are."""

from dataclasses import dataclass

from services.tracking.application.register_ports import Registry
from services.tracking.domain.register import (
    OPEN_OF_PERSON_MAX,
    Order,
    Progress,
    Register,
    holds_of,
)
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.blobs import Blob
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict, NotFound

HOLD_TAKEN = "registers.hold_taken"


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks. `area_code` narrows what they see; an operator sees registers of others too."""

    subject: str
    is_operator: bool
    area_code: str | None


def order_register(
    register_id: str,
    order: Order,
    asker: Asker,
    *,
    registry: Registry,
    request: Request[Register],
) -> Stored[Register]:
    """Queue a register.

    Raises `Invalid` (registers.period), `Forbidden` (registers.area) and `Conflict`
    (registers.too_many): a person has so many that are not ready yet.
    """
    area = None if asker.is_operator else asker.area_code
    wanted = order.checked(legal_day(registry.clock.now())).within(area)
    now = registry.real_clock.now()
    for hold in holds_of(asker.subject):
        register = Register(register_id, asker.subject, wanted, now, hold=hold)
        try:
            return registry.queue.create(register_id, Decision(register), request=request)
        except Conflict as taken:
            if taken.code != HOLD_TAKEN:
                raise
    raise Conflict(
        "registers.too_many",
        "so many of your registers are not ready yet",
        open_max=OPEN_OF_PERSON_MAX,
    )


def register_of(register_id: str, asker: Asker, *, registry: Registry) -> Stored[Register]:
    """Return a register to who asked for it, or to an operator; else raise `NotFound`.

    Who was given another area since does not see those of the old one.
    """
    stored = registry.queue.get(register_id)
    register = stored.state
    is_own = register.owner == asker.subject and register.order.division.startswith(
        asker.area_code or ""
    )
    if not (is_own or asker.is_operator):
        raise NotFound("register.not_found", "there is no such thing")
    return stored


def file_of(register_id: str, *, registry: Registry) -> tuple[Register, Blob]:
    """Return a register with its file, or raise `NotFound`: for who has a link that was checked."""
    register = registry.queue.get(register_id).state
    is_ready = register.progress_at(registry.real_clock.now()) is Progress.READY
    if register.blob is None or not is_ready:
        raise NotFound("register.not_found", "there is no such thing")
    return register, register.blob

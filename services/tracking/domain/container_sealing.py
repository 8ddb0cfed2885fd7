"""Registering, sealing and opening. A seal weighs the container and freezes its net."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from services.tracking.domain import container_events as events
from services.tracking.domain.amounts import Amounts, negated, plus, shared_out
from services.tracking.domain.container import By, Container, Deed, Registered, Seal
from services.tracking.domain.container_states import Act, after
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day
from shared.kernel.errors import Invalid
from shared.kernel.mass import grams

UNNAMED_MATERIAL = "mixed"


@dataclass(frozen=True, slots=True)
class Weighing:
    """A scale's word on the closed container. `holder` is where it stood, if that is known."""

    gross_g: int
    scale_id: str
    seal_number: str | None = None
    holder: str | None = None


def register(
    container: Container, *, by: By, unknown: Container | None = None
) -> Decision[Container]:
    """Register a tag; lots that named it before (`unknown`) keep the verdicts that they got."""
    deposits = unknown.deposits if unknown is not None else ()
    if unknown is not None:
        container = replace(container, state=after(unknown.state, Act.REGISTER), deposits=deposits)
    deed = Deed(container.step + 1, Act.REGISTER, container.registered_at, by, container.holder)
    registered = container.at_step(deed)
    return Decision(registered, (Registered(registered),))


def seal(container: Container, weighing: Weighing, *, at: datetime, by: By) -> Decision[Container]:
    """Weigh it and freeze its net; what lots and net differ by is shared among the materials.

    Raises `Invalid` (mass.impossible, tracking.below_tare) for what no scale can say.
    """
    following = after(container.state, Act.SEAL)
    net_g = grams(weighing.gross_g) - container.tare_g
    if net_g < 0:
        raise Invalid("tracking.below_tare", "it weighs less than its own tare")
    placed, moves = container.moved(weighing.holder or container.present_holder, at=at, by=by)
    net = shared_out(net_g, placed.content, otherwise=main_material(placed))
    difference = plus(placed.content, negated(net))
    sealed = Seal(
        gross_g=weighing.gross_g,
        net_g=net_g,
        lots_g=placed.content_g,
        scale_id=weighing.scale_id,
        seal_number=weighing.seal_number,
        sealed_at=at,
        flags=_flags(placed, net_g, at=at),
    )
    closed = replace(
        placed, state=following, seal=sealed, booked=plus(placed.booked, negated(difference))
    )
    report = partial(_sealed, closed, sealed, difference)
    done = acted(closed, Act.SEAL, at=at, by=by, report=report)
    return Decision(done.state, (*moves, *done.events))


def open_up(container: Container, *, reason: str, at: datetime, by: By) -> Decision[Container]:
    """Break the seal, for a reason. Its content stays what it was weighed at."""
    opened = replace(container, state=after(container.state, Act.OPEN), seal=None)
    report = partial(events.Opened, reason=reason)
    return acted(opened, Act.OPEN, at=at, by=by, reason=reason, report=report)


def resume(container: Container, *, at: datetime, by: By) -> Decision[Container]:
    """Let an opened one take lots again."""
    resumed = replace(container, state=after(container.state, Act.RESUME))
    return acted(resumed, Act.RESUME, at=at, by=by, report=events.Resumed)


def acted(
    container: Container,
    act: Act,
    *,
    at: datetime,
    by: By,
    report: Callable[..., object],
    reason: str | None = None,
) -> Decision[Container]:
    """Return the decision of an act: the deed in the history, and the report of the same step.

    `report` gets tag, step and at.
    """
    step = container.step + 1
    held = container.reservation
    deed = Deed(
        step=step,
        act=act,
        at=at,
        by=by,
        holder=container.holder,
        reason=reason,
        consignment_id=held.consignment_id if held else None,
    )
    done = container.at_step(deed)
    return Decision(done, (report(tag=container.tag, step=step, at=at),))


def acted_at(
    container: Container,
    act: Act,
    holder: str,
    *,
    at: datetime,
    by: By,
    report: Callable[..., object],
    consignment_id: str | None = None,
) -> Decision[Container]:
    """Return the decision of an act by which a holder has the container: it moves there first."""
    placed, moves = container.moved(holder, at=at, by=by, consignment_id=consignment_id)
    done = acted(placed, act, at=at, by=by, report=report)
    return Decision(done.state, (*moves, *done.events))


def _sealed(
    container: Container, seal: Seal, difference: Amounts, *, tag: str, step: int, at: datetime
) -> events.Sealed:
    return events.Sealed(
        tag=tag,
        step=step,
        at=at,
        fill=container.fill,
        holder=container.present_holder,
        gross_g=seal.gross_g,
        tare_g=container.tare_g,
        net_g=seal.net_g,
        lots_g=seal.lots_g,
        content=container.content,
        difference=difference,
        scale_id=seal.scale_id,
        seal_number=seal.seal_number,
        flags=seal.flags,
    )


def _flags(container: Container, net_g: int, *, at: datetime) -> tuple[str, ...]:
    flags = []
    if net_g > container.limit_g:
        flags.append("tracking.over_limit")
    if container.tested_until is not None and container.tested_until < legal_day(at):
        flags.append("tracking.test_expired")
    return tuple(flags)


def main_material(container: Container) -> str:
    """Return the material that a gram is, where no lot says what it is."""
    named = (each.lot.material for deposit in container.deposits for each in deposit.lots)
    return next(iter(container.allowed), None) or next(named, UNNAMED_MATERIAL)

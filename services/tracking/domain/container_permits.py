"""What a scan is told: a permit to put some materials into a container, leased for offline use.

A permit reserves no grams; how many may be out at once is limited. Here, and only here, what does
not fit is refused: a fact from the scale is judged, never refused (`container_filling`).
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.tracking.domain.container import Container, Lease
from services.tracking.domain.container_filling import (
    Classes,
    allowed_materials,
    closed_because,
    is_allowed,
)
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict, Invalid


@dataclass(frozen=True, slots=True)
class PermitRules:
    """No law sets these: data with a default."""

    hours_default: int = 12
    hours_max: int = 72
    live_max: int = 40


@dataclass(frozen=True, slots=True)
class IssuedPermit:
    """A permit as it went out: for whom, for what, until when. Never changed."""

    permit_id: str
    tag: str
    materials: tuple[str, ...]
    grams_left: int
    subject: str
    device_id: str | None
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Scan:
    """A collector scanned a tag and means to put these materials in; none named: any that fit."""

    permit_id: str
    materials: tuple[str, ...]
    hours: int | None
    at: datetime


def lease(
    container: Container, scan: Scan, *, rules: PermitRules, classes: Classes
) -> Decision[Container]:
    """Let a permit out; a repeat of the same one changes nothing.

    `Conflict`: the codes of the states (tracking.container_sealed, …), tracking.test_expired,
    tracking.wrong_material, tracking.incompatible, tracking.over_limit (nothing fits any more),
    tracking.too_many_permits. `Invalid`: tracking.permit_hours.
    """
    if leased(container, scan.permit_id) is not None:
        return Decision(container)
    hours = scan.hours or rules.hours_default
    if not 0 < hours <= rules.hours_max:
        raise Invalid("tracking.permit_hours", f"a permit lives 1 to {rules.hours_max} hours")
    materials_for(container, scan, classes=classes)
    live = tuple(each for each in container.leases if each.expires_at > scan.at)
    if len(live) >= rules.live_max:
        raise Conflict("tracking.too_many_permits", "too many permits of this container are out")
    let = Lease(scan.permit_id, scan.at + timedelta(hours=hours))
    return Decision(replace(container, leases=(*live, let)))


def leased(container: Container, permit_id: str) -> Lease | None:
    """Return the lease of a permit, if it is out."""
    return next((each for each in container.leases if each.permit_id == permit_id), None)


def materials_for(container: Container, scan: Scan, *, classes: Classes) -> tuple[str, ...]:
    """Return the materials that a permit names, or raise why there can be none."""
    closed = closed_because(container, scan.at)
    if closed is not None:
        raise Conflict(closed, "nothing can be put into this container now")
    if container.tested_until is not None and container.tested_until < legal_day(scan.at):
        raise Conflict("tracking.test_expired", "the container's periodic test is over")
    if container.left_g == 0:
        raise Conflict("tracking.over_limit", "the container is full")
    wanted = scan.materials or allowed_materials(container, legal_day(scan.at), classes=classes)
    refusals = [_refusal(container, each, scan.at, classes=classes) for each in wanted]
    fitting = tuple(each for each, no in zip(wanted, refusals, strict=True) if no is None)
    if not fitting or scan.materials:
        for refused in filter(None, refusals):
            raise refused
    if not fitting:
        raise Conflict("tracking.wrong_material", "the container is for no material")
    return fitting


def _refusal(
    container: Container, material: str, at: datetime, *, classes: Classes
) -> Conflict | None:
    day = legal_day(at)
    if not is_allowed(container, material, day, classes=classes):
        return Conflict("tracking.wrong_material", "the container is not for this material")
    inside = {each.material for each in container.content if each.mass_g > 0}
    if not all(classes.compatible(material, other, day) for other in inside):
        return Conflict("tracking.incompatible", "it may not lie beside what is in the container")
    return None

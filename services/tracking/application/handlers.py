"""Registering containers, and following lots."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.tracking.application.ports import Codes, Containers, Registry
from services.tracking.domain.container import LIMIT_G_MAX, Container, Registered, misfit
from services.tracking.domain.journal import DOOR, Journal, TrackedLot, Unloaded, Weighed
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import Clock, legal_day
from shared.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class RegisterContainer:
    """A container with a tag, for one hazardous material."""

    tag: str
    container_type: str
    material: str
    tare_g: int
    limit_g: int


def register_container(
    cmd: RegisterContainer,
    *,
    containers: Containers,
    codes: Codes,
    clock: Clock,
    request: Request[Container],
) -> Stored[Container]:
    """Register under today's codes; a tag is used once (`Conflict`, container.exists)."""
    if not 0 < cmd.limit_g <= LIMIT_G_MAX:
        raise Invalid("tracking.limit", "a container holds 1 g to 30 t")
    now = clock.now()
    waste_code, un_number = codes.of(cmd.material, legal_day(now))
    container = Container(
        tag=cmd.tag,
        container_type=cmd.container_type,
        material=cmd.material,
        waste_code=waste_code,
        un_number=un_number,
        tare_g=cmd.tare_g,
        limit_g=cmd.limit_g,
        registered_at=now,
    )
    decision = Decision(container, (Registered(container),))
    return containers.create(cmd.tag, decision, request=request)


@dataclass(frozen=True, slots=True)
class LotsReported:
    """A revision of a weigh-in, as an event reported it; verdicts are not in it yet."""

    pickup_id: str
    community_code: str
    revision: int
    vehicle_id: str
    lots: tuple[TrackedLot, ...]
    at: datetime
    source: str = DOOR


def on_lots(
    held: Journal | None, reported: LotsReported, *, registry: Registry
) -> Decision[Journal] | None:
    """Follow the lots: each hazardous one is in the container that it names, or in quarantine."""
    journal = held or Journal(reported.pickup_id, source=reported.source)
    known = journal.weighed
    if known is not None and known.revision >= reported.revision:
        return None
    weighed = Weighed(
        community_code=reported.community_code,
        revision=reported.revision,
        vehicle_id=reported.vehicle_id,
        lots=_judged(reported.lots, registry),
        at=reported.at,
    )
    followed = journal.weigh(weighed)
    return Decision(*followed) if followed is not None else None


def on_unloaded(
    held: Journal | None, weigh_in: Journal, unloaded: Unloaded
) -> Decision[Journal] | None:
    """Move what the vehicle carried of a weigh-in; where it is not told yet, remember."""
    journal = (held or weigh_in).unload(unloaded)
    return Decision(journal) if journal is not None else None


def _judged(lots: Sequence[TrackedLot], registry: Registry) -> tuple[TrackedLot, ...]:
    tags = {lot.container_tag for lot in lots if lot.hazardous and lot.container_tag}
    known = registry.by_tags(tags) if tags else {}
    return tuple(
        replace(lot, misfit=misfit(known.get(lot.container_tag or ""), lot.material))
        if lot.hazardous
        else lot
        for lot in lots
    )

"""What is done to containers: registering, permits, sealing, and the rest of their life."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from services.tracking.application.containment import Archive
from services.tracking.application.ports import Codes, Containers, Permits, TagBatches
from services.tracking.domain import container_custody as custody
from services.tracking.domain import container_sealing as sealing
from services.tracking.domain.container import LIMIT_G_MAX, By, Container
from services.tracking.domain.container_filling import Classes
from services.tracking.domain.container_permits import (
    IssuedPermit,
    PermitRules,
    Scan,
    lease,
    leased,
    materials_for,
)
from services.tracking.domain.container_states import State
from services.tracking.domain.fill import fill_of
from services.tracking.domain.tags import canonical, grai_of, serial_of
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import Clock, legal_day
from shared.kernel.errors import Conflict, Invalid, NotFound, Unavailable


@dataclass(frozen=True, slots=True)
class ContainerDesk:
    """What the commands work with. `foreign_tags`: tags of others may be registered."""

    containers: Containers
    archive: Archive
    permits: Permits
    batches: TagBatches
    codes: Codes
    classes: Classes
    clock: Clock
    permit_rules: PermitRules = PermitRules()  # noqa: RUF009 - frozen, so one default serves all
    foreign_tags: bool = True


@dataclass(frozen=True, slots=True)
class RegisterContainer:
    """A container with a tag. A crate with a GRAI may be for no material."""

    tag: str
    container_type: str
    material: str | None
    tare_g: int
    limit_g: int
    materials: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    volume_l: int | None = None
    tested_until: date | None = None
    place_id: str | None = None


def register_container(
    cmd: RegisterContainer, *, by: By, desk: ContainerDesk, request: Request[Container]
) -> Stored[Container]:
    """Register under today's codes; a tag is used once (`Conflict`, container.exists).

    Raises `Invalid`: tracking.limit, tracking.tag_mistyped, tracking.tag_foreign,
    tracking.tag_not_issued, tracking.no_material, tracking.not_hazardous, tracking.unknown_class.
    """
    container = _container(cmd, desk=desk)
    try:
        return desk.containers.create(
            container.tag, sealing.register(container, by=by), request=request
        )
    except Conflict:
        pass  # registered, or only named by a lot: the document says which

    def decide(held: Container) -> Decision[Container]:
        if held.state is not State.UNKNOWN:
            raise Conflict("container.exists", "this id is taken")
        return sealing.register(container, by=by, unknown=held)

    return desk.containers.change(container.tag, decide, request=request)


def perform(
    tag: str,
    act: Callable[..., Decision[Container]],
    *,
    by: By,
    desk: ContainerDesk,
    request: Request[Container] | None = None,
) -> Stored[Container]:
    """Do an act of container_sealing or container_custody now. `act` gets `at` and `by`."""
    doing = partial(act, at=desk.clock.now(), by=by)
    return desk.containers.change(tag, lambda held: doing(registered(held)), request=request)


def make_ready(
    tag: str, *, by: By, desk: ContainerDesk, request: Request[Container]
) -> Stored[Container]:
    """Begin a new fill. The last one is in the archive before the container forgets it."""
    held = desk.containers.get(tag).state
    if held.state is State.CLEANED:
        desk.archive.keep(fill_of(held))

    def ready(container: Container, *, at: datetime, by: By) -> Decision[Container]:
        if container.state is State.CLEANED and container.fill != held.fill:
            raise Unavailable("storage.contended", "another fill ended meanwhile; try again")
        return custody.ready(container, at=at, by=by)

    return perform(tag, ready, by=by, desk=desk, request=request)


@dataclass(frozen=True, slots=True)
class IssuePermit:
    """A collector scanned a tag. `hours` None: the usual time."""

    permit_id: str
    tag: str
    materials: tuple[str, ...]
    hours: int | None
    subject: str
    device_id: str | None


def issue_permit(
    cmd: IssuePermit, *, desk: ContainerDesk, request: Request[IssuedPermit]
) -> Stored[IssuedPermit]:
    """Lease a permit: first its place among those that are out, then the permit itself.

    Raises what `lease` raises, and `NotFound` (container.not_found). A repeat gets the same answer.
    """
    try:
        issued = desk.permits.get(cmd.permit_id).state
    except NotFound:
        issued = _leased(cmd, desk=desk)
    return desk.permits.create(cmd.permit_id, Decision(issued), request=request)


def registered(container: Container) -> Container:
    """Return the container, or raise `NotFound` where lots only named its tag."""
    if container.state is State.UNKNOWN:
        raise NotFound("container.not_found", "there is no such thing")
    return container


def _leased(cmd: IssuePermit, *, desk: ContainerDesk) -> IssuedPermit:
    now = desk.clock.now()
    scan = Scan(cmd.permit_id, cmd.materials, cmd.hours, now)
    decide = partial(lease, scan=scan, rules=desk.permit_rules, classes=desk.classes)
    held = desk.containers.change(cmd.tag, lambda each: decide(registered(each))).state
    out = leased(held, cmd.permit_id)
    assert out is not None, "a lease that was let is out"
    return IssuedPermit(
        permit_id=cmd.permit_id,
        tag=held.tag,
        materials=materials_for(held, scan, classes=desk.classes),
        grams_left=held.left_g,
        subject=cmd.subject,
        device_id=cmd.device_id,
        issued_at=now,
        expires_at=out.expires_at,
    )


def _container(cmd: RegisterContainer, *, desk: ContainerDesk) -> Container:
    if not 0 < cmd.limit_g <= LIMIT_G_MAX:
        raise Invalid("tracking.limit", "a container holds 1 g to 30 t")
    tag = _checked_tag(cmd.tag, desk=desk)
    now = desk.clock.now()
    today = legal_day(now)
    first = (cmd.material,) if cmd.material else ()
    materials = tuple(dict.fromkeys((*first, *cmd.materials)))
    is_crate = grai_of(tag) is not None
    if not materials and not cmd.classes and not is_crate:
        raise Invalid("tracking.no_material", "a container is for a material or a class")
    for name in cmd.classes:
        if not desk.classes.materials_of(name, today):
            raise Invalid("tracking.unknown_class", "no table of that day has this class")
    found = {} if is_crate else {each: desk.codes.of(each, today) for each in materials}
    waste_code, un_number = next(iter(found.values()), (None, None))
    return Container(
        tag=tag,
        container_type=cmd.container_type,
        material=next(iter(materials), None),
        waste_code=waste_code,
        un_number=un_number,
        tare_g=cmd.tare_g,
        limit_g=cmd.limit_g,
        registered_at=now,
        materials=materials,
        classes=cmd.classes,
        volume_l=cmd.volume_l,
        tested_until=cmd.tested_until,
        holder=f"place/{cmd.place_id}" if cmd.place_id else None,
        held_since=now if cmd.place_id else None,
        seen_at=now if cmd.place_id else None,
    )


def _checked_tag(text: str, *, desk: ContainerDesk) -> str:
    tag = canonical(text, foreign=desk.foreign_tags)
    serial = serial_of(tag)
    if serial is not None and not desk.batches.is_issued(serial):
        raise Invalid("tracking.tag_not_issued", "this tag was never issued")
    return tag

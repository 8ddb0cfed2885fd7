"""What the API of containers gives."""

from datetime import date, datetime

from services.tracking.domain.container import Container, Deed, Deposit
from services.tracking.domain.container_permits import IssuedPermit
from shared.http.body import View
from shared.kernel.aggregate import Stored


class AmountView(View):
    """Grams of one material."""

    material: str
    mass_g: int


class SealView(View):
    """What the scale said when it was sealed. `difference_g`: lots less net."""

    gross_g: int
    net_g: int
    lots_g: int
    difference_g: int
    scale_id: str
    seal_number: str | None
    sealed_at: datetime
    flags: list[str]


class ContainerView(View):
    """A container; `content_g` is what lies in it, `left_g` what still fits under its limit."""

    tag: str
    container_type: str
    state: str
    material: str | None
    materials: list[str]
    classes: list[str]
    waste_code: str | None
    un_number: str | None
    volume_l: int | None
    tested_until: date | None
    tare_g: int
    limit_g: int
    registered_at: datetime
    content_g: int
    content: list[AmountView]
    left_g: int
    holder: str | None
    held_since: datetime | None
    fill: int
    seal: SealView | None
    consignment_id: str | None
    damaged: bool
    overpack_tag: str | None
    step: int


class CustodyView(View):
    """Who has a container, and whose waste is in it.

    `owner_id`: the party that has it, or that operates the place where it lies; null where nobody
    said, and on a vehicle, where its consignment says it.
    """

    tag: str
    holder: str | None
    held_since: datetime | None
    owner_id: str | None
    consignment_id: str | None


class LotInView(View):
    """A lot that named the container; `misfit` is why it does not lie in it."""

    lot_id: str
    material: str
    mass_g: int
    misfit: str | None


class StepView(View):
    """One step of a fill: an act with who did it, or what came from a pickup.

    Of `source` drive `pickup_id` is the visit's.
    """

    step: int
    act: str
    at: datetime
    role: str | None = None
    subject: str | None = None
    holder: str | None = None
    reason: str | None = None
    consignment_id: str | None = None
    pickup_id: str | None = None
    source: str | None = None
    lots: list[LotInView] | None = None


class HistoryView(View):
    """The steps of one fill, in order; `fills` is how many the container has had."""

    tag: str
    fill: int
    fills: int
    items: list[StepView]
    next: str | None = None


class PermitView(View):
    """A permit: the signed token, and in plain words what it carries."""

    permit_id: str
    permit: str
    container_tag: str
    materials: list[str]
    classes: list[str]
    grams_left: int
    expires_at: datetime


def custody_view(held: Container, owner_id: str | None) -> CustodyView:
    """Return the view of who has a container, and whose it is."""
    return CustodyView(
        tag=held.tag,
        holder=held.holder,
        held_since=held.held_since,
        owner_id=owner_id,
        consignment_id=held.reservation.consignment_id if held.reservation else None,
    )


def container_view(stored: Stored[Container]) -> ContainerView:
    """Return the view of a container."""
    held = stored.state
    seal = held.seal
    return ContainerView(
        tag=held.tag,
        container_type=held.container_type,
        state=held.state.value,
        material=held.material,
        materials=list(held.allowed),
        classes=list(held.classes),
        waste_code=held.waste_code,
        un_number=held.un_number,
        volume_l=held.volume_l,
        tested_until=held.tested_until,
        tare_g=held.tare_g,
        limit_g=held.limit_g,
        registered_at=held.registered_at,
        content_g=held.content_g,
        content=[AmountView.model_validate(each, from_attributes=True) for each in held.content],
        left_g=held.left_g,
        holder=held.holder,
        held_since=held.held_since,
        fill=held.fill,
        seal=SealView(
            gross_g=seal.gross_g,
            net_g=seal.net_g,
            lots_g=seal.lots_g,
            difference_g=seal.lots_g - seal.net_g,
            scale_id=seal.scale_id,
            seal_number=seal.seal_number,
            sealed_at=seal.sealed_at,
            flags=list(seal.flags),
        )
        if seal is not None
        else None,
        consignment_id=held.reservation.consignment_id if held.reservation else None,
        damaged=held.damaged,
        overpack_tag=held.overpack_tag,
        step=held.step,
    )


def deed_view(deed: Deed) -> StepView:
    """Return the view of an act."""
    return StepView(
        step=deed.step,
        act=deed.act,
        at=deed.at,
        role=deed.by.role,
        subject=deed.by.subject,
        holder=deed.holder,
        reason=deed.reason,
        consignment_id=deed.consignment_id,
    )


def deposit_view(deposit: Deposit) -> StepView:
    """Return the view of what came from a pickup."""
    lots = [
        LotInView(
            lot_id=each.lot.lot_id,
            material=each.lot.material,
            mass_g=each.lot.mass_g,
            misfit=each.misfit,
        )
        for each in deposit.lots
    ]
    return StepView(
        step=deposit.step,
        act="fill",
        at=deposit.at,
        pickup_id=deposit.pickup_id,
        source=deposit.source,
        lots=lots,
    )


def permit_view(permit: IssuedPermit, *, token: str, classes: list[str]) -> PermitView:
    """Return the view of a permit."""
    return PermitView(
        permit_id=permit.permit_id,
        permit=token,
        container_tag=permit.tag,
        materials=list(permit.materials),
        classes=classes,
        grams_left=permit.grams_left,
        expires_at=permit.expires_at,
    )

"""Which lots lie in a container. A weighed fact is judged here, never refused."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Protocol

from services.tracking.domain import container_events as events
from services.tracking.domain.amounts import Amount, plus, total_g
from services.tracking.domain.container import (
    SYSTEM,
    Container,
    Deposit,
    JudgedLot,
    OfferedLot,
    Share,
)
from services.tracking.domain.container_grants import Grants, beyond, used_g
from services.tracking.domain.container_states import CLOSED_BECAUSE, OPEN, Act, State, after
from services.tracking.domain.weigh_in import DOOR
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day

DEPOSITS_MAX = 1_000
UNKNOWN_DEPOSITS_MAX = 100
NO_GRANTS: Grants = MappingProxyType({})


class Classes(Protocol):
    """The dated matrix of what may lie beside what."""

    def materials_of(self, class_code: str, on: date) -> tuple[str, ...]:
        """Return the materials of a class on a day."""

    def compatible(self, one: str, other: str, on: date) -> bool:
        """Say whether two materials may lie in one container on a day."""


@dataclass(frozen=True, slots=True)
class Offer:
    """All lots of one source for the container, at their pickup's `turn`.

    A source is a pickup's load (`source_id` is the pickup's), weighed `at` on `holder`, or a lot
    that a person moved here `at` a later time (`source_id` is its task's; `moved`). `told_at` is
    when the present list of lots was made. `source`: where the pickup, or visit, was weighed.
    """

    source_id: str
    pickup_id: str
    community_code: str
    turn: int
    lots: tuple[OfferedLot, ...]
    holder: str
    at: datetime
    told_at: datetime
    moved: bool = False
    source: str = DOOR


@dataclass(frozen=True, slots=True)
class Answer:
    """The container's word on an offer: a verdict a lot, and what of the source is in it."""

    tag: str
    source_id: str
    fill: int
    lots: tuple[JudgedLot, ...]
    shares: tuple[Share, ...]

    def misfits(self, offer: "Offer") -> tuple[str | None, ...]:
        """Return why each lot of the offer does not lie in it; None: it does.

        An offer that a later one overtook gets no verdict: its asker is late and writes nothing.
        """
        if tuple(each.lot for each in self.lots) != offer.lots:
            return ("tracking.superseded",) * len(offer.lots)
        return tuple(each.misfit for each in self.lots)


def answer_of(container: Container, offer: Offer) -> Answer | None:
    """Return the answer that was given to this offer, or to a later one; None: not asked yet."""
    held = container.deposit_of(offer.source_id)
    if held is None or held.turn < offer.turn:
        return None
    if held.turn == offer.turn and tuple(each.lot for each in held.lots) != offer.lots:
        return None
    return Answer(container.tag, offer.source_id, container.fill, held.lots, held.shares)


def past_answer(container: Container, offer: Offer, deposit: Deposit, *, fill: int) -> Answer:
    """Return the answer of a fill that is over: what lay in it stays, what did not is too late."""
    lots = _judged_closed(offer, deposit, because=CLOSED_BECAUSE[State.SEALED])
    return Answer(container.tag, offer.source_id, fill, lots, deposit.shares)


def full_answer(container: Container, offer: Offer) -> Answer:
    """Return the answer of a fill that takes no further source."""
    because = CLOSED_BECAUSE.get(container.state, "tracking.too_many_lots")
    lots = tuple(JudgedLot(lot, because) for lot in offer.lots)
    return Answer(container.tag, offer.source_id, container.fill, lots, ())


def consider(
    container: Container, offer: Offer, *, classes: Classes, grants: Grants = NO_GRANTS
) -> Decision[Container]:
    """Judge an offer and keep the verdict. `grants` are the known ones of its lots' permits.

    Before sealing a later list of lots changes the content; after it the content stays as it was
    weighed. A fill keeps 1,000 sources, a tag that nobody registered 100; what comes then is not
    kept (`full_answer`).
    """
    if answer_of(container, offer) is not None:
        return Decision(container)
    held = container.deposit_of(offer.source_id)
    if held is None and len(container.deposits) >= _deposits_max(container):
        return Decision(container)
    because = closed_because(container, offer.at)
    if because is not None:
        late = replace(
            held or _deposit(offer, step=container.step),
            turn=offer.turn,
            lots=_judged_closed(offer, held, because=because),
        )
        return Decision(*container.learning(_with_deposit(container, late), at=offer.told_at))
    return _filled(container, offer, held, classes=classes, grants=grants)


def closed_because(container: Container, at: datetime) -> str | None:
    """Return why lots weighed at an instant do not come into the present fill, or None."""
    if container.state not in OPEN:
        return CLOSED_BECAUSE[container.state]
    if container.fill_began_at is not None and at < container.fill_began_at:
        return CLOSED_BECAUSE[State.SEALED]
    return None


def misfit(
    container: Container,
    lot: OfferedLot,
    *,
    beside: Sequence[Amount],
    at: datetime,
    classes: Classes,
) -> str | None:
    """Return why a lot may not lie in an open container `beside` what is in it, or None."""
    if lot.forced:
        return None
    day = legal_day(at)
    if not is_allowed(container, lot.material, day, classes=classes):
        return "tracking.wrong_material"
    others = {each.material for each in beside if each.mass_g > 0}
    if not all(classes.compatible(lot.material, other, day) for other in others):
        return "tracking.incompatible"
    if container.tested_until is not None and container.tested_until < day:
        return "tracking.test_expired"
    if total_g(beside) + lot.mass_g > container.limit_g:
        return "tracking.over_limit"
    return lot.fault


def is_allowed(container: Container, material: str, day: date, *, classes: Classes) -> bool:
    """Say whether the container is for a material, by its name or by its class."""
    return material in allowed_materials(container, day, classes=classes)


def allowed_materials(container: Container, day: date, *, classes: Classes) -> tuple[str, ...]:
    """Return the materials that the container is for on a day."""
    named = [each for name in container.classes for each in classes.materials_of(name, day)]
    return tuple(dict.fromkeys((*container.allowed, *named)))


def _deposits_max(container: Container) -> int:
    return UNKNOWN_DEPOSITS_MAX if container.state is State.UNKNOWN else DEPOSITS_MAX


def _filled(
    container: Container,
    offer: Offer,
    held: Deposit | None,
    *,
    classes: Classes,
    grants: Grants,
) -> Decision[Container]:
    held = held or _deposit(offer, step=container.step)
    beside = plus(container.content, (Amount(s.material, -s.mass_g) for s in held.shares))
    used = used_g(container, but=offer.source_id)
    lots = []
    for lot in offer.lots:
        why = misfit(container, lot, beside=beside, at=offer.at, classes=classes)
        why = why or beyond(container, lot, grants, used)
        lots.append(JudgedLot(lot, why))
        if why is None:
            beside = plus(beside, (Amount(lot.material, lot.mass_g),))
            used[lot.permit_id] += lot.mass_g
    inside = tuple(each.lot for each in lots if each.misfit is None)
    placed, moves = _placed(container, offer) if inside else (container, ())
    reports = tuple(_reports(placed, offer, old=held.inside, new=inside))
    step = placed.step + len(reports)
    deposit = replace(
        held,
        turn=offer.turn,
        step=step,
        lots=tuple(lots),
        inside=inside,
        shares=_shares(held, inside, holder=placed.holder or offer.holder),
    )
    filled = replace(
        _with_deposit(placed, deposit),
        state=after(placed.state, Act.FILL) if inside else placed.state,
        step=step,
    )
    return Decision(filled, (*moves, *reports))


def _placed(container: Container, offer: Offer) -> tuple[Container, tuple[object, ...]]:
    """A lot that was weighed on a vehicle into the container tells where the container was then."""
    seen_at = container.seen_at
    if seen_at is not None and (offer.moved or offer.at < seen_at):
        return container, ()
    return container.moved(offer.holder, at=offer.at, by=SYSTEM)


def _deposit(offer: Offer, *, step: int) -> Deposit:
    """Return the deposit of a source of which nothing came in."""
    return Deposit(
        source_id=offer.source_id,
        pickup_id=offer.pickup_id,
        turn=offer.turn,
        at=offer.at,
        step=step,
        lots=(),
        inside=(),
        shares=(),
        source=offer.source,
    )


def _shares(held: Deposit, inside: Sequence[OfferedLot], *, holder: str) -> tuple[Share, ...]:
    """Return the shares with what changes now, changed where the container is now."""
    sums: Counter[tuple[str, str]] = Counter()
    wanted: Counter[str] = Counter()
    for lot in inside:
        wanted[lot.material] += lot.mass_g
    for share in held.shares:
        sums[share.holder, share.material] += share.mass_g
        wanted[share.material] -= share.mass_g
    for material, delta_g in wanted.items():
        sums[holder, material] += delta_g
    return tuple(Share(at, material, g) for (at, material), g in sorted(sums.items()) if g)


def _reports(
    container: Container,
    offer: Offer,
    *,
    old: Sequence[OfferedLot],
    new: Sequence[OfferedLot],
) -> Iterator[events.Contained]:
    """Report by how many grams the content changed, lot by lot."""
    were, are = Counter(map(_plain, old)), Counter(map(_plain, new))
    changes = [(lot, -lot.mass_g) for lot in (were - are).elements()]
    changes += [(lot, lot.mass_g) for lot in (are - were).elements()]
    reported = [(lot, delta_g) for lot, delta_g in changes if delta_g]
    for step, (lot, delta_g) in enumerate(reported, start=container.step + 1):
        yield events.Contained(
            tag=container.tag,
            step=step,
            at=offer.told_at,
            fill=container.fill,
            holder=container.holder or offer.holder,
            pickup_id=offer.pickup_id,
            source=offer.source,
            community_code=offer.community_code,
            lot_id=lot.lot_id,
            material=lot.material,
            mass_delta_g=delta_g,
        )


def _plain(lot: OfferedLot) -> OfferedLot:
    return replace(lot, fault=None, forced=False, permit_id=None, condition=None)


def _judged_closed(offer: Offer, held: Deposit | None, *, because: str) -> tuple[JudgedLot, ...]:
    """What a pickup had in it stays in it, whatever its lots are now: the rest is a difference."""
    was_in = held is not None and bool(held.inside)
    known = because != CLOSED_BECAUSE[State.UNKNOWN]
    return tuple(
        JudgedLot(lot, None if was_in or (lot.forced and known) else because) for lot in offer.lots
    )


def _with_deposit(container: Container, deposit: Deposit) -> Container:
    others = tuple(d for d in container.deposits if d.source_id != deposit.source_id)
    return replace(container, deposits=(*others, deposit))

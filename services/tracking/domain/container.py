"""A tagged container as data: what it is for, where it is, and all that its present fill knows.

A fill is the time from empty to empty again. The container alone decides what lies in it: each
pickup's deposit is kept with the verdict on each of its lots, so that asking again gives the same
answer. The acts are in the modules beside.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from services.tracking.domain import container_events as events
from services.tracking.domain.amounts import Amount, Amounts, plus, total_g
from services.tracking.domain.container_states import State
from services.tracking.domain.exemptions import UNKNOWN, worst_condition
from services.tracking.domain.weigh_in import DOOR

LIMIT_G_MAX = 30_000_000
DEEDS_MAX = 200


@dataclass(frozen=True, slots=True)
class By:
    """Who did it: the role acted in, and the token's subject."""

    role: str
    subject: str


SYSTEM = By("system", "tracking")


@dataclass(frozen=True, slots=True)
class OfferedLot:
    """A lot that names the container.

    `fault` is why its permit did not fit, `forced` that a person accepted it as it is. `permit_id`
    is the permit that it came with, against whose grams it counts. `condition` is what collection
    recorded of it; None: nobody asked.
    """

    lot_id: str
    material: str
    mass_g: int
    fault: str | None = None
    forced: bool = False
    permit_id: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class JudgedLot:
    """A lot, and why it does not lie in the container; `misfit` None: it does."""

    lot: OfferedLot
    misfit: str | None


@dataclass(frozen=True, slots=True)
class Share:
    """Grams of one material that came in (or were taken back) while a holder had the container."""

    holder: str
    material: str
    mass_g: int


@dataclass(frozen=True, slots=True)
class Deposit:
    """What came from one source: a pickup's load, or a lot that a person moved here.

    `turn` is the count of changes of the pickup's journal, `lots` the verdicts on its present lots.
    `inside` are the lots whose grams came in, as `shares`: after a seal they stay as they were.
    `source`: where it was weighed, at a door or at a drive.
    """

    source_id: str
    pickup_id: str
    turn: int
    at: datetime
    step: int
    lots: tuple[JudgedLot, ...]
    inside: tuple[OfferedLot, ...]
    shares: tuple[Share, ...]
    source: str = DOOR


@dataclass(frozen=True, slots=True)
class Deed:
    """One act on the container, for the history: who, when, where, why."""

    step: int
    act: str
    at: datetime
    by: By
    holder: str | None = None
    reason: str | None = None
    consignment_id: str | None = None


@dataclass(frozen=True, slots=True)
class Seal:
    """What the scale said when it was sealed; `flags` name what a person may want to look at."""

    gross_g: int
    net_g: int
    lots_g: int
    scale_id: str
    seal_number: str | None
    sealed_at: datetime
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reservation:
    """The consignment that has it. `hold_id` is the consignment's own name for this hold.

    `expires_at` (real time) is there until the consignment has decided to use the hold.
    """

    consignment_id: str
    hold_id: str
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """A permit that is out, until it expires. It reserves no grams."""

    permit_id: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Container:
    """The whole container.

    It is for `materials`, of which `material` is the first, and for all of `classes`; a crate with
    a GRAI may be for none. `holder` is the ledger's account of who has it (`vehicle/…`, `place/…`,
    `party/…`), since `held_since`, and was seen with that one last at `seen_at`. `booked` is what
    sealing and reception found beyond the deposits. `before` is the state in which it was lost.
    `given_up` is what was in it when it was written off, `carried` names the facts of consignments
    that were noted here, the newest 64.
    """

    tag: str
    container_type: str
    material: str | None
    waste_code: str | None
    un_number: str | None
    tare_g: int
    limit_g: int
    registered_at: datetime
    state: State = State.EMPTY
    materials: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    volume_l: int | None = None
    tested_until: date | None = None
    holder: str | None = None
    held_since: datetime | None = None
    seen_at: datetime | None = None
    fill: int = 1
    fill_began_at: datetime | None = None
    deposits: tuple[Deposit, ...] = ()
    booked: Amounts = ()
    seal: Seal | None = None
    reservation: Reservation | None = None
    overpack_tag: str | None = None
    damaged: bool = False
    before: State | None = None
    leases: tuple[Lease, ...] = ()
    deeds: tuple[Deed, ...] = ()
    step: int = 0
    given_up: Amounts = ()
    carried: tuple[str, ...] = ()

    @property
    def allowed(self) -> tuple[str, ...]:
        """The materials that it is for by name."""
        return self.materials or ((self.material,) if self.material else ())

    @property
    def content(self) -> Amounts:
        """What lies in it, by material: the deposits, and what sealing found beyond them."""
        shares = (Amount(each.material, each.mass_g) for d in self.deposits for each in d.shares)
        return plus(shares, self.booked)

    @property
    def condition(self) -> str | None:
        """The worst of its lots, as they came in and as they are told now.

        A seal freezes grams, not this: it may still be learnt that something in it is broken. In a
        damaged container nothing is known to be intact.
        """
        lots = [lot for each in self.deposits for lot in each.inside]
        lots += [each.lot for held in self.deposits for each in held.lots if each.misfit is None]
        worst = worst_condition(lot.condition for lot in lots if lot.mass_g)
        return None if self.damaged and worst == "intact" else worst

    @property
    def content_g(self) -> int:
        """The grams in it."""
        return total_g(self.content)

    @property
    def present_holder(self) -> str:
        """Who has it: one that was filled, or travels, has always somebody who has it."""
        assert self.holder is not None, "a container with content is somewhere"
        return self.holder

    @property
    def left_g(self) -> int:
        """The grams that still fit under its limit."""
        return max(0, self.limit_g - self.content_g)

    def learning(self, now: "Container", *, at: datetime) -> tuple["Container", tuple[object, ...]]:
        """Return a later state of it, and the report where its content is in a worse condition."""
        if _badness(now) <= _badness(self):
            return now, ()
        step = now.step + 1
        held = self.reservation
        report = events.ConditionLearnt(
            tag=self.tag,
            step=step,
            at=at,
            condition=now.condition or UNKNOWN,
            consignment_id=held.consignment_id if held else None,
        )
        return replace(now, step=step), (report,)

    def deposit_of(self, source_id: str) -> Deposit | None:
        """Return what came from a source into the present fill."""
        return next((each for each in self.deposits if each.source_id == source_id), None)

    def at_step(self, deed: Deed) -> "Container":
        """Return it one step on, with the deed among the newest 200."""
        return replace(self, step=deed.step, deeds=(*self.deeds, deed)[-DEEDS_MAX:])

    def moved(
        self, holder: str, *, at: datetime, by: By, consignment_id: str | None = None
    ) -> tuple["Container", tuple[object, ...]]:
        """Return it with another holder, and the report; nothing where that one has it already.

        `consignment_id`: it moved on that consignment's way.
        """
        if holder == self.holder:
            return replace(self, seen_at=max(at, self.seen_at or at)), ()
        placed = replace(self, holder=holder, held_since=at, seen_at=at)
        if self.holder is None:
            return placed, ()
        step = self.step + 1
        moved = placed.at_step(Deed(step, "move", at, by, holder=holder))
        report = events.Moved(self.tag, step, at, self.holder, holder, self.content, consignment_id)
        return moved, (report,)


def _badness(container: Container) -> int:
    """Return how bad its content is: intact, not known, broken."""
    return ("intact", None, "broken").index(container.condition)


@dataclass(frozen=True, slots=True)
class Registered:
    """A container was registered."""

    container: Container

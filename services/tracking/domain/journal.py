"""The mass ledger of one weigh-in's lots: every gram from the scale on, in balanced entries.

A weigh-in is made at a door (then its id is the pickup's) or at a drive (then it is the visit's).

Accounts, per material: `household/<community>` gives (negative); `vehicle/<id>`, `place/<id>` and
`quarantine/…` of both hold; what lies in a container is on `<holder>/container/<tag>`, and
`difference/<tag>` has what the pickup's lots and the content frozen by a seal differ by.
Events come in any order: the journal keeps what it was told (lots by revision, where they were
unloaded, what containers said, what persons ruled) and posts the difference between where the
grams should be by that and where its entries have put them. A repeat differs by nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.tracking.domain.container_filling import Answer
from services.tracking.domain.exemptions import LotVerdict
from services.tracking.domain.quarantine import Way
from services.tracking.domain.weigh_in import DOOR
from shared.kernel.ids import derived_id
from shared.kernel.ledger import Entry, Posting, Unit, balances


@dataclass(frozen=True, slots=True)
class TrackedLot:
    """A lot, and where it lies.

    `permit_id`: the permit that it came with. `fault`: why that did not fit. `misfit`: why it is in
    quarantine. `inside`: the tag of the container that it lies in. `placed`: the account that a
    person put it on. None of them: it is with whoever has the pickup's load. `condition` is what
    collection recorded of it.
    """

    lot_id: str
    material: str
    mass_g: int
    hazardous: bool
    container_tag: str | None
    misfit: str | None
    fault: str | None = None
    inside: str | None = None
    placed: str | None = None
    permit_id: str | None = None
    condition: str | None = None


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is known of the lots, by the highest revision that came.

    `at` is when this list of lots was made, `weighed_at` when the scale weighed first. `drive_id`
    is the drive's, where it was weighed at one.
    """

    community_code: str
    revision: int
    vehicle_id: str
    lots: tuple[TrackedLot, ...]
    at: datetime
    weighed_at: datetime | None = None
    drive_id: str | None = None


@dataclass(frozen=True, slots=True)
class Unloaded:
    """Where the vehicle put its load down."""

    unloading_id: str
    facility_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Held:
    """Grams of this pickup in a fill of a container, come in while a holder had it.

    `source_id` is the pickup's, or the task's of a lot that a person moved there.
    """

    tag: str
    source_id: str
    fill: int
    holder: str
    material: str
    mass_g: int


@dataclass(frozen=True, slots=True)
class Ruling:
    """What a person decided of a lot in quarantine; it stands when the lot is corrected."""

    task_id: str
    number: int
    way: Way
    target: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class Journal:
    """All that is known and posted of one weigh-in. `weighed` None: it is awaited.

    `pickup_id` is the pickup's, or of `source` drive the visit's. `turn` counts its changes:
    containers are asked under it, so that asking again changes nothing. `verdicts`: what the law
    asked of the collection of each hazardous lot that is known.
    """

    pickup_id: str
    weighed: Weighed | None = None
    unloaded: Unloaded | None = None
    entries: tuple[Entry, ...] = ()
    turn: int = 0
    held: tuple[Held, ...] = ()
    rulings: tuple[Ruling, ...] = ()
    verdicts: tuple[LotVerdict, ...] = ()
    source: str = DOOR

    def weigh(self, weighed: Weighed) -> "Journal | None":
        """Take a revision of the lots; None where it, or a later one, is known."""
        if self.weighed is not None and self.weighed.revision >= weighed.revision:
            return None
        return replace(self, weighed=weighed, turn=self.turn + 1)

    def rule(self, ruling: Ruling) -> "Journal | None":
        """Take a person's ruling; None where it, or a later one, is known."""
        known = self.ruling_of(ruling.task_id)
        if known is not None and known.number >= ruling.number:
            return None
        others = tuple(each for each in self.rulings if each.task_id != ruling.task_id)
        return replace(self, rulings=(*others, ruling), turn=self.turn + 1)

    def unload(self, unloaded: Unloaded) -> "Journal | None":
        """Take the place of unloading; None where it is known."""
        if self.unloaded is not None:
            return None
        known = replace(self, unloaded=unloaded)
        return known.posted(reason=f"unloaded:{unloaded.unloading_id}", at=unloaded.at)

    def ruling_of(self, task_id: str) -> Ruling | None:
        """Return what was ruled of a lot."""
        return next((each for each in self.rulings if each.task_id == task_id), None)

    def keyed_lots(self) -> Iterator[tuple[str, TrackedLot]]:
        """Tell each hazardous lot with its task's id.

        A lot keeps it over corrections: by its tag and material, and its place among equals.
        """
        seen: Counter[tuple[str, str]] = Counter()
        for lot in self.weighed.lots if self.weighed else ():
            if lot.hazardous:
                key = (lot.container_tag or "", lot.material)
                seen[key] += 1
                yield derived_id("quarantine", self.pickup_id, *key, str(seen[key])), lot

    def quarantined(self) -> dict[str, TrackedLot]:
        """Return the lots in quarantine that weigh anything, by their task's id."""
        return {
            task_id: lot
            for task_id, lot in self.keyed_lots()
            if lot.misfit is not None and lot.mass_g
        }

    @property
    def holder(self) -> str:
        """Who has the load: the vehicle, or the place where it was unloaded."""
        assert self.weighed is not None, "a load was weighed"
        if self.unloaded is not None:
            return f"place/{self.unloaded.facility_id}"
        return f"vehicle/{self.weighed.vehicle_id}"

    def answered(self, answers: Iterable[Answer]) -> "Journal":
        """Take over what containers say of this pickup's grams in their fills."""
        told = {(each.tag, each.source_id, each.fill): each.shares for each in answers}
        kept = [h for h in self.held if (h.tag, h.source_id, h.fill) not in told]
        new = [
            Held(tag, source_id, fill, share.holder, share.material, share.mass_g)
            for (tag, source_id, fill), shares in told.items()
            for share in shares
        ]
        return replace(self, held=(*kept, *new))

    def differences(self) -> Counter[tuple[str, str]]:
        """Return by how much lots inside exceed what containers took in, by tag and material."""
        sums: Counter[tuple[str, str]] = Counter()
        for lot in self.weighed.lots if self.weighed else ():
            if lot.inside is not None:
                sums[lot.inside, lot.material] += lot.mass_g
        for each in self.held:
            sums[each.tag, each.material] -= each.mass_g
        return sums

    def posted(self, *, reason: str, at: datetime) -> "Journal":
        """Post what is missing between what should be and what is."""
        if self.weighed is None:
            return self
        postings = _difference(self._wanted(self.weighed), balances(self.entries))
        if not postings:
            return self
        entry_id = derived_id("mass", self.pickup_id, reason)
        return replace(self, entries=(*self.entries, Entry(entry_id, postings, reason, at=at)))

    def _wanted(self, weighed: Weighed) -> Counter[tuple[str, Unit]]:
        """Return where all grams should be, by account and material."""
        wanted: Counter[tuple[str, Unit]] = Counter()
        source = f"household/{weighed.community_code}"
        for lot in weighed.lots:
            unit = Unit("g", lot.material)
            wanted[source, unit] -= lot.mass_g
            if lot.inside is None:
                wanted[_account(self.holder, lot), unit] += lot.mass_g
        for each in self.held:
            account = f"{each.holder}/container/{each.tag}"
            wanted[account, Unit("g", each.material)] += each.mass_g
        for (tag, material), mass_g in self.differences().items():
            wanted[f"difference/{tag}", Unit("g", material)] += mass_g
        return wanted


def _account(holder: str, lot: TrackedLot) -> str:
    if lot.misfit is not None:
        return f"quarantine/{holder}"
    return lot.placed or holder


def _difference(
    wanted: Mapping[tuple[str, Unit], int], held: Mapping[tuple[str, Unit], int]
) -> tuple[Posting, ...]:
    keys = sorted({*wanted, *held})
    moved = {key: wanted.get(key, 0) - held.get(key, 0) for key in keys}
    return tuple(Posting(account, g, unit) for (account, unit), g in moved.items() if g)

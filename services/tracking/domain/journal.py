"""The mass ledger of one weigh-in's lots: every gram from the scale on, in balanced entries.

A weigh-in is made at a door (then its id is the pickup's) or at a drive (then it is the visit's).

Accounts, per material: `household/<community>` gives (negative); `vehicle/<id>`, `place/<id>` and
their `…/container/<tag>` hold, as `quarantine/vehicle/<id>` and `quarantine/place/<id>` do.
Events come in any order: the journal keeps what
it was told (lots by revision, where they were unloaded) and posts the difference between where the
grams should be by that and where its entries have put them. A repeat differs by nothing.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.tracking.domain.exemptions import LotVerdict
from shared.kernel.ids import derived_id
from shared.kernel.ledger import Entry, Posting, Unit, balances

DOOR, DRIVE = "door", "drive"


@dataclass(frozen=True, slots=True)
class TrackedLot:
    """A lot, and the verdict on its container: `misfit` None where it lies in it."""

    lot_id: str
    material: str
    mass_g: int
    hazardous: bool
    container_tag: str | None
    misfit: str | None


@dataclass(frozen=True, slots=True)
class Weighed:
    """What is known of the lots, by the highest revision that came."""

    community_code: str
    revision: int
    vehicle_id: str
    lots: tuple[TrackedLot, ...]
    at: datetime


@dataclass(frozen=True, slots=True)
class Unloaded:
    """Where the vehicle put its load down."""

    unloading_id: str
    facility_id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Contained:
    """Grams of a hazardous lot came into a container (negative: were taken back)."""

    pickup_id: str
    source: str
    community_code: str
    lot: TrackedLot
    mass_delta_g: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Grams of a hazardous lot came into quarantine (negative: were taken back)."""

    pickup_id: str
    source: str
    community_code: str
    lot: TrackedLot
    mass_delta_g: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Journal:
    """All that is known and posted of one weigh-in. `weighed` None: it is awaited.

    `pickup_id` is the pickup's, or of `source` drive the visit's. `verdicts`: what the law asked of
    the collection of each hazardous lot that is known.
    """

    pickup_id: str
    weighed: Weighed | None = None
    unloaded: Unloaded | None = None
    entries: tuple[Entry, ...] = ()
    verdicts: tuple[LotVerdict, ...] = ()
    source: str = DOOR

    def weigh(self, weighed: Weighed) -> tuple["Journal", tuple[object, ...]] | None:
        """Take a revision of the lots; None where it, or a later one, is known."""
        if self.weighed is not None and self.weighed.revision >= weighed.revision:
            return None
        before = self.weighed.lots if self.weighed else ()
        known = replace(self, weighed=weighed)
        changes = _container_changes(self, before, weighed)
        return known.posted(reason=f"weighed:{weighed.revision}", at=weighed.at), changes

    def unload(self, unloaded: Unloaded) -> "Journal | None":
        """Take the place of unloading; None where it is known."""
        if self.unloaded is not None:
            return None
        known = replace(self, unloaded=unloaded)
        return known.posted(reason=f"unloaded:{unloaded.unloading_id}", at=unloaded.at)

    def posted(self, *, reason: str, at: datetime) -> "Journal":
        """Post what is missing between what should be and what is."""
        if self.weighed is None:
            return self
        postings = _difference(self._wanted(), balances(self.entries))
        if not postings:
            return self
        entry_id = derived_id("mass", self.pickup_id, reason)
        return replace(self, entries=(*self.entries, Entry(entry_id, postings, reason, at=at)))

    def _wanted(self) -> Counter[tuple[str, Unit]]:
        """Return where all grams should be, by account and material."""
        wanted: Counter[tuple[str, Unit]] = Counter()
        if self.weighed is None:
            return wanted
        source = f"household/{self.weighed.community_code}"
        holder = f"vehicle/{self.weighed.vehicle_id}"
        if self.unloaded is not None:
            holder = f"place/{self.unloaded.facility_id}"
        for lot in self.weighed.lots:
            unit = Unit("g", lot.material)
            wanted[source, unit] -= lot.mass_g
            wanted[_account(holder, lot), unit] += lot.mass_g
        return wanted


def _account(holder: str, lot: TrackedLot) -> str:
    if not lot.hazardous:
        return holder
    if lot.misfit is not None:
        return f"quarantine/{holder}"
    return f"{holder}/container/{lot.container_tag}"


def _difference(
    wanted: Mapping[tuple[str, Unit], int], held: Mapping[tuple[str, Unit], int]
) -> tuple[Posting, ...]:
    keys = sorted({*wanted, *held})
    moved = {key: wanted.get(key, 0) - held.get(key, 0) for key in keys}
    return tuple(Posting(account, g, unit) for (account, unit), g in moved.items() if g)


def _container_changes(
    journal: Journal, before: tuple[TrackedLot, ...], weighed: Weighed
) -> tuple[object, ...]:
    """Report by how many grams containers and quarantine changed, lot by lot."""
    signed = [(lot, -lot.mass_g) for lot in before] + [(lot, lot.mass_g) for lot in weighed.lots]
    return tuple(
        (Contained if lot.misfit is None else Quarantined)(
            pickup_id=journal.pickup_id,
            source=journal.source,
            community_code=weighed.community_code,
            lot=lot,
            mass_delta_g=mass_delta_g,
            at=weighed.at,
        )
        for lot, mass_delta_g in signed
        if lot.hazardous and mass_delta_g
    )

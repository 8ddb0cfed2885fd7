"""What a manifest says: parties, carriers in order, places, containers. Ids only, no names."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.tracking.domain.amounts import Amount, Amounts, plus, shared_out
from shared.kernel.errors import Invalid
from shared.kernel.mass import MASS_G_MAX

CONTAINERS_MAX = 200
CARRIERS_MAX = 12


class Purpose(StrEnum):
    """Why it travels: a shipment, or the child of a partial refusal."""

    SHIPMENT = "shipment"
    RETURN = "return"
    REDIRECTION = "redirection"


@dataclass(frozen=True, slots=True)
class Party:
    """A party with the 12-digit division code of its site, as it was when it was named."""

    party_id: str
    division_code: str
    revision: int = 1

    @property
    def province(self) -> str:
        """The first two digits."""
        return self.division_code[:2]

    @property
    def city_code(self) -> str:
        """Province and prefecture: the first four digits."""
        return self.division_code[:4]


@dataclass(frozen=True, slots=True)
class Carrier:
    """One carrier's part of the way. `planned_at` is when it is to take the load over.

    An unplanned one came in after a breakdown and was approved by the consignor. `vehicle_facts`
    are what who named it has shown of its vehicle, of `VEHICLE_FACTS`, in their order.
    """

    carrier_id: str
    vehicle_id: str
    trip_id: str
    planned_at: datetime
    unplanned: bool = False
    vehicle_facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Content:
    """Grams of one material in a container, with the codes and traits of the day of the draft."""

    material: str
    waste_code: str | None
    un_number: str | None
    mass_g: int
    traits: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """What licences name it by: the waste code, else the UN number, else the material."""
        return self.waste_code or self.un_number or self.material


@dataclass(frozen=True, slots=True)
class ContainerItem:
    """A sealed container as it was when the consignment was drafted; it does not change after.

    `traits` are the catalogue's T, C, I, R, In. A container of what has no entry in the catalogue
    (lithium batteries) has no waste code, only a UN number. Where several materials lie in it,
    `contents` has each with its codes, the most first; the item itself names the first of them.
    `condition` is the worst that collection recorded of its lots; None: nobody said anything.
    """

    tag: str
    material: str
    waste_code: str | None
    un_number: str | None
    net_g: int
    packaging: str
    form: str
    traits: tuple[str, ...] = ()
    contents: tuple[Content, ...] = ()
    condition: str | None = None

    def __post_init__(self) -> None:
        """Refuse contents that are not all of it."""
        if self.contents and sum(each.mass_g for each in self.contents) != self.net_g:
            raise Invalid("manifest.contents", "the contents of a container sum to its net")

    @property
    def parts(self) -> tuple[Content, ...]:
        """What lies in it, by material: one part at least."""
        whole = Content(self.material, self.waste_code, self.un_number, self.net_g, self.traits)
        return self.contents or (whole,)

    @property
    def amounts(self) -> Amounts:
        """The grams of each material in it."""
        return plus(Amount(each.material, each.mass_g) for each in self.parts)

    def weighed_by_code(self, mass_g: int) -> Mapping[str, int]:
        """Return grams of its content on a scale, shared among its codes in proportion."""
        codes = {each.material: each.code for each in self.parts}
        grams: Counter[str] = Counter()
        for amount in shared_out(mass_g, self.amounts, otherwise=self.material):
            grams[codes[amount.material]] += amount.mass_g
        return grams


@dataclass(frozen=True, slots=True)
class Manifest:
    """The content. Which signature freezes which part of it is in the sealing table."""

    consignor: Party
    receiver: Party
    carriers: tuple[Carrier, ...]
    containers: tuple[ContainerItem, ...]
    origin_place: str
    destination_place: str
    expected_arrival_at: datetime
    treatment_code: str
    broker: Party | None = None
    alternate: Party | None = None
    approval_id: str | None = None

    def __post_init__(self) -> None:
        """Refuse what no consignment can be."""
        tags = [item.tag for item in self.containers]
        if not 0 < len(tags) <= CONTAINERS_MAX or len(set(tags)) != len(tags):
            raise Invalid("manifest.containers", f"1 to {CONTAINERS_MAX} containers, each once")
        if len(self.carriers) > CARRIERS_MAX:
            raise Invalid("manifest.carriers", f"at most {CARRIERS_MAX} carriers")
        others = {party.party_id for party in (self.receiver, self.alternate) if party}
        if self.consignor.party_id in others:
            raise Invalid("manifest.parties", "consignor and receiver are different parties")
        if any(item.net_g <= 0 for item in self.containers) or self.net_g > MASS_G_MAX:
            raise Invalid("manifest.net", "a container holds at least 1 g, a load at most 49 t")

    @property
    def net_g(self) -> int:
        """The grams of all containers."""
        return sum(item.net_g for item in self.containers)

    @property
    def tags(self) -> tuple[str, ...]:
        """The containers' tags, in order."""
        return tuple(item.tag for item in self.containers)

    def grams_by_code(self) -> Mapping[str, int]:
        """Return the grams of each code that licences name."""
        return grams_by_code(self.containers)

    def waste_codes(self) -> frozenset[str]:
        """Return the catalogue's codes in it."""
        parts = (part for item in self.containers for part in item.parts)
        return frozenset(part.waste_code for part in parts if part.waste_code is not None)

    def trip_keys(self) -> tuple[str, ...]:
        """Return what each vehicle trip of it is known by: a consignor has one manifest a trip."""
        return tuple(trip_key(self.consignor.party_id, carrier) for carrier in self.carriers)


def grams_by_code(containers: tuple[ContainerItem, ...]) -> Mapping[str, int]:
    """Return the grams of each code that licences name."""
    grams: Counter[str] = Counter()
    for part in (part for item in containers for part in item.parts):
        grams[part.code] += part.mass_g
    return dict(grams)


def trip_key(consignor_id: str, carrier: Carrier) -> str:
    """Return the key of a consignor's part of a vehicle trip."""
    return f"{carrier.vehicle_id}/{carrier.trip_id}/{consignor_id}"

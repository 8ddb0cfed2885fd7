"""What a manifest says: parties, carriers in order, places, containers. Ids only, no names."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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

    An unplanned one came in after a breakdown and was approved by the consignor.
    """

    carrier_id: str
    vehicle_id: str
    trip_id: str
    planned_at: datetime
    unplanned: bool = False


@dataclass(frozen=True, slots=True)
class ContainerItem:
    """A sealed container as it was when the consignment was drafted; it does not change after.

    `traits` are the catalogue's T, C, I, R, In. A container of what has no entry in the catalogue
    (lithium batteries) has no waste code, only a UN number.
    """

    tag: str
    material: str
    waste_code: str | None
    un_number: str | None
    net_g: int
    packaging: str
    form: str
    traits: tuple[str, ...] = ()

    @property
    def code(self) -> str:
        """What licences name it by: the waste code, else the UN number, else the material."""
        return self.waste_code or self.un_number or self.material


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

    def trip_keys(self) -> tuple[str, ...]:
        """Return what each vehicle trip of it is known by: a consignor has one manifest a trip."""
        return tuple(trip_key(self.consignor.party_id, carrier) for carrier in self.carriers)


def grams_by_code(containers: tuple[ContainerItem, ...]) -> Mapping[str, int]:
    """Return the grams of each code that licences name."""
    grams: Counter[str] = Counter()
    for item in containers:
        grams[item.code] += item.net_g
    return dict(grams)


def trip_key(consignor_id: str, carrier: Carrier) -> str:
    """Return the key of a consignor's part of a vehicle trip."""
    return f"{carrier.vehicle_id}/{carrier.trip_id}/{consignor_id}"

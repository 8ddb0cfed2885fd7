"""The city of a day: households at real communities or given sites, depots, vehicles, containers.

Everything is drawn from one seed: the same seed and options give the same city.
"""

import math
import random
import zlib
from dataclasses import dataclass
from datetime import date

from shared.reference.communities import communities
from tools.simulator.calibration import (
    BAND_MIX,
    HAZARDOUS_MIX,
    MATERIAL_MIX,
    DropSize,
    Noise,
    Weights,
)
from tools.simulator.sites import Map, Place, Site

PICKUPS_A_COMMUNITY = 6
PICKUPS_A_VEHICLE = 42
VEHICLES_MIN = 12
VEHICLES_MAX = 60
LICENSED_EVERY = 3
METRES_A_DEGREE = 111_320
SEED_DIGITS = 9


@dataclass(frozen=True, slots=True)
class Want:
    """A pickup that a household will book: declared items, band, and what is really there."""

    number: int
    site: Site
    band: str
    declared: tuple[tuple[str, int], ...]
    actual: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A vehicle with its collector; `licensed` for hazardous items."""

    vehicle_id: str
    collector_id: str
    depot_id: str
    capacity_g: int
    licensed: bool


@dataclass(frozen=True, slots=True)
class City:
    """All that takes part in the day. `run` tells this day's fleet from another day's."""

    run: str
    service_day: date
    wants: tuple[Want, ...]
    depots: tuple[Place, ...]
    facilities: tuple[Place, ...]
    vehicles: tuple[Vehicle, ...]

    def communities(self) -> list[str]:
        """Return the community codes in which somebody books."""
        return sorted({want.site.community_code for want in self.wants})


def make_city(
    *, pickups: int, seed: int, service_day: date, given: Map | None, noise: Noise
) -> City:
    """Draw a city of `pickups` bookings for `service_day`."""
    dice = random.Random(seed)
    place = given if given is not None and given.sites else Map(_homes(pickups, dice))
    sites = _chosen(place.sites, pickups, dice)
    wants = tuple(_want(n, site, dice, noise) for n, site in enumerate(sites))
    run = f"{service_day:%m%d}s{_short(seed)}"
    depots = place.depots or (_centre(f"{run}-depot", sites),)
    facilities = place.facilities or (_centre(f"{run}-facility", sites, north_m=4000),)
    count = min(VEHICLES_MAX, max(VEHICLES_MIN, math.ceil(pickups / PICKUPS_A_VEHICLE)))
    heaviest_g = max(sum(mass_g for _, mass_g in want.actual) for want in wants)
    vehicles = tuple(_vehicle(run, n, depots, heaviest_g=heaviest_g) for n in range(count))
    return City(run, service_day, wants, depots, facilities, vehicles)


def _short(seed: int) -> str:
    """Return a seed as a part of ids, which have 64 characters at the most."""
    said = str(seed)
    return said if len(said) <= SEED_DIGITS else f"x{zlib.crc32(said.encode()):08x}"


def _homes(pickups: int, dice: random.Random) -> tuple[Site, ...]:
    known = communities()
    wanted = min(len(known), max(1, pickups // PICKUPS_A_COMMUNITY))
    used = dice.sample(known, wanted)
    homes = []
    for number in range(pickups):
        home = used[number % wanted]
        latitude, longitude = _near(home.latitude, home.longitude, dice)
        homes.append(Site(f"home-{number}", latitude, longitude, home.code))
    return tuple(homes)


def _near(latitude: float, longitude: float, dice: random.Random) -> tuple[float, float]:
    north_m, east_m = dice.gauss(0, 150), dice.gauss(0, 150)
    shrink = math.cos(math.radians(latitude))
    return (
        round(latitude + north_m / METRES_A_DEGREE, 6),
        round(longitude + east_m / (METRES_A_DEGREE * shrink), 6),
    )


def _chosen(sites: tuple[Site, ...], pickups: int, dice: random.Random) -> list[Site]:
    if pickups <= len(sites):
        return dice.sample(sites, pickups)
    return [sites[number % len(sites)] for number in range(pickups)]


def _want(number: int, site: Site, dice: random.Random, noise: Noise) -> Want:
    size = DropSize()
    items = dice.randint(1, size.items_max)
    drawn_g = round(dice.lognormvariate(math.log(size.median_g), size.sigma))
    total_g = site.typical_mass_g or min(size.maximum_g, max(200, drawn_g))
    mix: Weights = HAZARDOUS_MIX if dice.random() < noise.hazardous else MATERIAL_MIX
    materials = _distinct(mix, items if mix is MATERIAL_MIX else 1, dice)
    declared = tuple((name, max(100, total_g // len(materials))) for name in materials)
    actual = [(name, max(50, round(mass_g * dice.uniform(0.6, 1.5)))) for name, mass_g in declared]
    if mix is MATERIAL_MIX and dice.random() < noise.undeclared_material:
        extra = pick(MATERIAL_MIX, dice)
        if extra not in materials:
            actual.append((extra, dice.randint(100, 2000)))
    return Want(number, site, pick(BAND_MIX, dice), declared, tuple(actual))


def pick(weights: Weights, dice: random.Random) -> str:
    """Draw one name by weight."""
    names, shares = zip(*weights, strict=True)
    return str(dice.choices(names, shares)[0])


def _distinct(weights: Weights, count: int, dice: random.Random) -> list[str]:
    drawn: dict[str, None] = {}
    for _ in range(count):
        drawn[pick(weights, dice)] = None
    return list(drawn)


def _vehicle(run: str, number: int, depots: tuple[Place, ...], *, heaviest_g: int) -> Vehicle:
    # An electric three-wheeler carries 500 kg, a light lorry 1.5 t; a heavy site needs a lorry.
    capacity_g = max((1_500_000, 500_000, 500_000)[number % 3], heaviest_g * 4)
    return Vehicle(
        vehicle_id=f"{run}-vehicle-{number + 1:02d}",
        collector_id=f"{run}-collector-{number + 1:02d}",
        depot_id=depots[number % len(depots)].name,
        capacity_g=capacity_g,
        licensed=number % LICENSED_EVERY == 0,
    )


def _centre(name: str, sites: list[Site], *, north_m: int = 0) -> Place:
    """Return the sites' middle on the globe: also where they lie on both sides of 180 degrees."""
    turned = [math.radians(site.longitude) for site in sites]
    east, north = sum(map(math.sin, turned)), sum(map(math.cos, turned))
    latitude = sum(site.latitude for site in sites) / len(sites) + north_m / METRES_A_DEGREE
    longitude = math.degrees(math.atan2(east, north))
    return Place(name, round(max(-90.0, min(90.0, latitude)), 6), round(longitude, 6))

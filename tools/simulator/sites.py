"""Where the day happens: Fuzhou's communities, or a file of collection sites that is named.

A GeoJSON or CSV file, or a folder with WasteCollectionSites.json, Depots.json and
DisposalFacilities.json (the M3CVRP data set's form). A wrong file is refused with line and reason.
"""

import csv
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.kernel.errors import Invalid

SITES_MAX = 20_000
FILE_BYTES_MAX = 64 * 1024 * 1024
MICRODEGREES = 1_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """A point on the map, WGS84 degrees."""

    name: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Site(Place):
    """A place where recycling is collected. `typical_mass_g` 0: not known."""

    community_code: str
    typical_mass_g: int = 0


@dataclass(frozen=True, slots=True)
class Map:
    """All sites, and depots and disposal facilities where the source has them."""

    sites: tuple[Site, ...]
    depots: tuple[Place, ...] = ()
    facilities: tuple[Place, ...] = ()


def read_sites(path: Path) -> Map:
    """Read a file or folder of sites, or raise `Invalid` (sites.…) with line and reason."""
    if path.is_dir():
        return _read_folder(path)
    if not path.is_file():
        raise Invalid("sites.not_found", f"{path.name}: no such file or folder")
    if path.stat().st_size > FILE_BYTES_MAX:
        raise Invalid("sites.too_large", f"{path.name}: larger than 64 MiB")
    if path.suffix.lower() == ".csv":
        return Map(_checked(path.name, _csv_sites(path)))
    if path.suffix.lower() in (".json", ".geojson"):
        return Map(_checked(path.name, _geojson_sites(path)))
    raise Invalid("sites.unknown_format", f"{path.name}: give .csv, .json or .geojson")


def _checked(name: str, sites: Iterator[Site]) -> tuple[Site, ...]:
    read: dict[str, Site] = {}
    for site in sites:
        if site.name in read:
            raise Invalid("sites.repeated", f"{name}: the site id {site.name!r} stands twice")
        read[site.name] = site
        if len(read) > SITES_MAX:
            raise Invalid("sites.too_many", f"{name}: more than {SITES_MAX} sites")
    if not read:
        raise Invalid("sites.empty", f"{name}: there is no site in it")
    return tuple(read.values())


def _csv_sites(path: Path) -> Iterator[Site]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        missing = {"site_id", "latitude", "longitude"} - set(reader.fieldnames or ())
        if missing:
            columns = ", ".join(sorted(missing))
            raise Invalid("sites.missing_column", f"{path.name} line 1: no column {columns}")
        try:
            for row in reader:
                yield _site(row, where=f"{path.name} line {reader.line_num}")
        except (csv.Error, UnicodeDecodeError) as error:
            raise Invalid(
                "sites.not_csv", f"{path.name} line {reader.line_num}: {error}"
            ) from error


def _geojson_sites(path: Path) -> Iterator[Site]:
    held = _json(path)
    if not isinstance(held, dict) or not isinstance(held.get("features"), list):
        raise Invalid("sites.not_geojson", f"{path.name}: a FeatureCollection is needed")
    for number, feature in enumerate(held["features"], start=1):
        where = f"{path.name} feature {number}"
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if not isinstance(geometry, dict) or geometry.get("type") != "Point":
            raise Invalid("sites.not_a_point", f"{where}: its geometry is not a Point")
        point = geometry.get("coordinates")
        if not isinstance(point, list) or len(point) < 2:
            raise Invalid("sites.not_a_point", f"{where}: a Point has [longitude, latitude]")
        properties = feature.get("properties") or {}
        name = feature.get("id", properties.get("site_id", properties.get("id", number)))
        row = {**properties, "site_id": name, "longitude": point[0], "latitude": point[1]}
        yield _site(row, where=where)


def _json(path: Path) -> Any:  # noqa: ANN401 - what a file holds is not known before it is read
    try:
        return json.loads(path.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as error:
        where = f"{path.name} line {error.lineno}"
        raise Invalid("sites.not_json", f"{where}: {error.msg}") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise Invalid("sites.not_json", f"{path.name}: not UTF-8 JSON") from error


def _site(row: dict[str, Any], *, where: str) -> Site:
    latitude = _number(row, "latitude", within=90, where=where)
    longitude = _number(row, "longitude", within=180, where=where)
    name = str(row.get("site_id") or "").strip()
    if not name:
        raise Invalid("sites.missing_id", f"{where}: no site_id")
    code = str(row.get("community_code") or "").strip()
    if code and not (len(code) == 12 and code.isdigit()):
        raise Invalid("sites.community_code", f"{where}: community_code has 12 digits")
    mass_g = 0
    if row.get("mass_kg") not in (None, ""):
        mass_g = round(_number(row, "mass_kg", within=10_000, where=where) * 1000)
    return Site(name, latitude, longitude, code or made_community(latitude, longitude), mass_g)


def _number(row: dict[str, Any], field: str, *, within: float, where: str) -> float:
    try:
        value = float(row.get(field, ""))
    except (TypeError, ValueError):
        raise Invalid("sites.not_a_number", f"{where}: {field} is not a number") from None
    if not -within <= value <= within:  # also false for NaN
        raise Invalid("sites.out_of_range", f"{where}: {field} is not within ±{within:g}")
    return value


def made_community(latitude: float, longitude: float) -> str:
    """Return a made 12-digit code for a place whose community is not known: a 2 km square's.

    It begins with 99, which no division of China does, so that nobody takes it for a real one.
    """
    square = f"{int(latitude * 50)}:{int(longitude * 50)}"
    return f"99{zlib.crc32(square.encode()):010d}"


def _read_folder(path: Path) -> Map:
    sites = _json_list(path / "WasteCollectionSites.json", "point")
    return Map(
        _checked("WasteCollectionSites.json", _folder_sites(sites)),
        tuple(_places(path / "Depots.json", "depot")),
        tuple(_places(path / "DisposalFacilities.json", "disposal_facility")),
    )


def _folder_sites(entries: list[dict[str, Any]]) -> Iterator[Site]:
    # A bin of 240 litres holds about 7 kg of mixed recyclables (30 kg/m3, loose).
    for number, entry in enumerate(entries, start=1):
        where = f"WasteCollectionSites.json site {number}"
        litres = _number(entry, "capacity", within=1_000_000, where=where)
        yield _site({**_degrees(entry, where), "mass_kg": litres * 0.03}, where=where)


def _places(path: Path, field: str) -> Iterator[Place]:
    for number, entry in enumerate(_json_list(path, field), start=1):
        row = _site(_degrees(entry, f"{path.name} entry {number}"), where=f"{path.name} {number}")
        yield Place(row.name, row.latitude, row.longitude)


def _degrees(entry: dict[str, Any], where: str) -> dict[str, Any]:
    return {
        "site_id": entry.get("id"),
        "latitude": _number(entry, "lat", within=90 * MICRODEGREES, where=where) / MICRODEGREES,
        "longitude": _number(entry, "lng", within=180 * MICRODEGREES, where=where) / MICRODEGREES,
    }


def _json_list(path: Path, field: str) -> list[dict[str, Any]]:
    if not path.is_file():
        raise Invalid("sites.not_found", f"{path.name}: not in the folder")
    held = _json(path)
    entries = held.get(field) if isinstance(held, dict) else None
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise Invalid("sites.missing_field", f"{path.name}: no list {field!r}")
    return entries

"""Where the day happens: Fuzhou's communities, or a file of collection sites that is named.

A GeoJSON or CSV file, or a folder with WasteCollectionSites.json, Depots.json and
DisposalFacilities.json (the M3CVRP data set's form). A wrong file is refused with line and reason.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shared.kernel.errors import Invalid
from tools.simulator.site_csv import csv_sites
from tools.simulator.site_geojson import geojson_sites
from tools.simulator.site_rows import Map, Place, Site, Told, json_of, number_of, site_of

__all__ = ["Map", "Place", "Site", "read_sites"]

SITES_MAX = 20_000
FILE_BYTES_MAX = 64 * 1024 * 1024
MICRODEGREES = 1_000_000
_AN_ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def read_sites(path: Path) -> Map:
    """Read a file or folder of sites, or raise `Invalid` (sites.…) with line and reason."""
    try:
        if path.is_dir():
            return _read_folder(path)
        if not path.is_file():
            raise Invalid("sites.not_found", f"{path.name}: no such file or folder")
        if path.suffix.lower() in (".csv", ".tsv"):
            return Map(_checked(path.name, csv_sites(path.name, _bytes(path))))
        if path.suffix.lower() in (".json", ".geojson"):
            return Map(_checked(path.name, geojson_sites(path.name, _bytes(path))))
    except OSError as error:
        raise Invalid("sites.unreadable", f"{path.name}: {error.strerror}") from error
    raise Invalid("sites.unknown_format", f"{path.name}: give .csv, .json, .geojson or a folder")


def _bytes(path: Path) -> bytes:
    if path.stat().st_size > FILE_BYTES_MAX:
        raise Invalid("sites.too_large", f"{path.name}: larger than 64 MiB")
    return path.read_bytes()


def _checked(name: str, told: Iterator[Told]) -> tuple[Site, ...]:
    read: dict[str, Told] = {}
    for where, site in told:
        if site.name in read:
            before, _ = read[site.name]
            raise Invalid(
                "sites.repeated", f"{where}: the site id {site.name!r} is that of {before}"
            )
        read[site.name] = (where, site)
        if len(read) > SITES_MAX:
            raise Invalid("sites.too_many", f"{name}: more than {SITES_MAX} sites")
    if not read:
        raise Invalid("sites.empty", f"{name}: there is no site in it")
    return tuple(site for _, site in read.values())


def _read_folder(path: Path) -> Map:
    sites = _json_list(path / "WasteCollectionSites.json", "point")
    return Map(
        _checked("WasteCollectionSites.json", _folder_sites(sites)),
        tuple(_places(path / "Depots.json", "depot")),
        tuple(_places(path / "DisposalFacilities.json", "disposal_facility")),
    )


def _folder_sites(entries: list[dict[str, Any]]) -> Iterator[Told]:
    # A bin of 240 litres holds about 7 kg of mixed recyclables (30 kg/m3, loose).
    for number, entry in enumerate(entries, start=1):
        where = f"WasteCollectionSites.json site {number}"
        litres = number_of(entry, "capacity", within=(0, 50_000), where=where)
        yield where, site_of({**_degrees(entry, where), "mass_kg": litres * 0.03}, where=where)


def _places(path: Path, field: str) -> Iterator[Place]:
    """Yield depots or facilities; an id that no service would take is replaced by a number."""
    for number, entry in enumerate(_json_list(path, field), start=1):
        where = f"{path.name} entry {number}"
        row = site_of(_degrees(entry, where), where=where)
        name = row.name if _AN_ID.fullmatch(row.name) else f"{field}-{number}"
        yield Place(name, row.latitude, row.longitude)


def _degrees(entry: dict[str, Any], where: str) -> dict[str, Any]:
    return {"site_id": entry.get("id")} | {
        degrees: number_of(entry, micro, within=(-most, most), where=where) / MICRODEGREES
        for degrees, micro, most in (
            ("latitude", "lat", 90 * MICRODEGREES),
            ("longitude", "lng", 180 * MICRODEGREES),
        )
    }


def _json_list(path: Path, field: str) -> list[dict[str, Any]]:
    if not path.is_file():
        raise Invalid("sites.not_found", f"{path.name}: not in the folder {path.parent.name}")
    held = json_of(path.name, _bytes(path))
    entries = held.get(field) if isinstance(held, dict) else None
    if not isinstance(entries, list) or not all(isinstance(each, dict) for each in entries):
        raise Invalid("sites.missing_field", f"{path.name}: no list {field!r}")
    return entries

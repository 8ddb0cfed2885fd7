"""A site of a file, checked: whatever its form, it ends here as a row of fields."""

import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.kernel.errors import Invalid

# What a scale weighs at once (3 t), less what a household has beyond what it said.
MASS_KG_MAX = 1_500
NAME_MAX = 200
# Coordinates that are WGS84, or China's CGCS2000, which is the same to a metre.
WGS84 = ("4326", "crs84", "wgs84", "wgs-84", "4490", "cgcs2000", "84")


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


# A site with where it stands in its file.
Told = tuple[str, Site]
Row = Mapping[str, Any]


def site_of(row: Row, *, where: str) -> Site:
    """Return the site that a row says, or raise `Invalid` (sites.…) with `where` it stands.

    `site_id`, `latitude`, `longitude` (WGS84 degrees); `community_code` (12 digits), `mass_kg` and
    `crs` may be missing.
    """
    _check_crs(row.get("crs"), where=where)
    latitude, longitude = _degrees(row, where=where)
    name = "" if row.get("site_id") is None else str(row["site_id"]).strip()
    if not name:
        raise Invalid("sites.missing_id", f"{where}: no site_id")
    if len(name) > NAME_MAX:
        raise Invalid("sites.long_id", f"{where}: a site_id has up to {NAME_MAX} characters")
    code = str(row.get("community_code") or "").strip()
    if code and not (len(code) == 12 and code.isascii() and code.isdigit()):
        raise Invalid("sites.community_code", f"{where}: community_code has 12 digits")
    mass_g = 0
    if row.get("mass_kg") not in (None, ""):
        mass_g = round(number_of(row, "mass_kg", within=(0, MASS_KG_MAX), where=where) * 1000)
    return Site(name, latitude, longitude, code or made_community(latitude, longitude), mass_g)


def _degrees(row: Row, *, where: str) -> tuple[float, float]:
    longitude = number_of(row, "longitude", within=(-math.inf, math.inf), where=where)
    latitude = number_of(row, "latitude", within=(-math.inf, math.inf), where=where)
    if not abs(latitude) <= 90 and abs(longitude) <= 90 and abs(latitude) <= 180:
        message = f"{where}: latitude is not within ±90; it looks swapped with longitude"
        raise Invalid("sites.out_of_range", message)
    for field, value, most in (("latitude", latitude, 90), ("longitude", longitude, 180)):
        if not abs(value) <= most:  # also for NaN
            message = f"{where}: {field} is not within ±{most}: degrees (WGS84) are needed"
            raise Invalid("sites.out_of_range", message)
    return latitude, longitude


def _check_crs(crs: object, *, where: str) -> None:
    """Refuse other coordinates than WGS84: GCJ-02's and BD-09's are some 500 m off."""
    said = str(crs or "").strip().casefold()
    if said and not said.endswith(WGS84):
        raise Invalid("sites.crs", f"{where}: coordinates in {crs}; give them in WGS84")


def number_of(row: Row, field: str, *, within: tuple[float, float], where: str) -> float:
    """Return a field as a number, or raise `Invalid` (sites.not_a_number, sites.out_of_range)."""
    held = row.get(field)
    try:
        value = float("no number" if isinstance(held, bool) else held)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        raise Invalid("sites.not_a_number", f"{where}: {field} is not a number") from None
    least, most = within
    if math.isnan(value) or not least <= value <= most:
        limits = f"{least:g} to {most:g}"
        raise Invalid("sites.out_of_range", f"{where}: {field} is not within {limits}")
    return value


def made_community(latitude: float, longitude: float) -> str:
    """Return a made 12-digit code for a place whose community is not known: a 2 km square's.

    It begins with 99, which no division of China does, so that nobody takes it for a real one.
    """
    square = f"{math.floor(latitude * 50)}:{math.floor(longitude * 50)}"
    return f"99{zlib.crc32(square.encode()):010d}"


def text_of(name: str, held: bytes) -> str:
    """Return a file's text: UTF-8 or UTF-16 by its mark, or China's GB 18030 of older programs."""
    is_utf16 = held.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in held and not is_utf16:
        raise Invalid("sites.not_text", f"{name}: it is binary, not a text")
    line = 1
    for encoding in ("utf-16",) if is_utf16 else ("utf-8-sig", "gb18030"):
        try:
            return held.decode(encoding)
        except UnicodeDecodeError as error:
            line = held.count(b"\n", 0, error.start) + 1
    raise Invalid("sites.not_text", f"{name} line {line}: neither UTF-8 nor GB 18030")


def json_of(name: str, held: bytes) -> Any:  # noqa: ANN401 - not known before it is read
    """Return what a JSON file holds, or raise `Invalid` (sites.not_json) with the line."""
    try:
        return json.loads(text_of(name, held))
    except json.JSONDecodeError as error:
        raise Invalid("sites.not_json", f"{name} line {error.lineno}: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise Invalid("sites.not_json", f"{name}: too deep, or a number too long") from error

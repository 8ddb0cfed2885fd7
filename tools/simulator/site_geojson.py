"""Sites of a GeoJSON file (RFC 7946): points as they are, of areas their middle."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from shared.kernel.errors import Invalid
from tools.simulator.site_rows import Told, json_of, site_of

Json = dict[str, Any]
Point = tuple[Any, Any]


def geojson_sites(name: str, held: bytes) -> Iterator[Told]:
    """Yield the sites with the number of their feature, or raise `Invalid` (sites.…)."""
    read = json_of(name, held)
    if isinstance(read, dict) and read.get("type") == "Feature":
        read = {"features": [read]}
    if not isinstance(read, dict) or not isinstance(read.get("features"), list):
        raise Invalid("sites.not_geojson", f"{name}: a FeatureCollection is needed")
    crs = _crs(read)
    for number, feature in enumerate(read["features"], start=1):
        where = f"{name} feature {number}"
        if not isinstance(feature, dict):
            raise Invalid("sites.not_geojson", f"{where}: it is not a Feature")
        points = _points(feature.get("geometry"), where=where)
        for place, point in enumerate(points, start=1):
            row = {"crs": crs, **_row(feature, number, point)}
            if len(points) > 1:
                row["site_id"] = f"{row['site_id']}-{place}"
            yield where, site_of(row, where=where)


def _row(feature: Json, number: int, point: Point) -> Json:
    properties = feature.get("properties")
    said = properties if isinstance(properties, dict) else {}
    names = [feature.get("id"), *(said.get(each) for each in ("site_id", "id"))]
    name = next((each for each in names if each not in (None, "")), f"feature-{number}")
    return {**said, "site_id": name, "longitude": point[0], "latitude": point[1]}


def _crs(read: Json) -> str | None:
    """Return the coordinates' system where an older file names one (GeoJSON 2008)."""
    crs = read.get("crs")
    properties = crs.get("properties") if isinstance(crs, dict) else None
    return str(properties.get("name") or "") if isinstance(properties, dict) else None


def _points(geometry: Any, *, where: str) -> list[Point]:  # noqa: ANN401 - whatever the file says
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    if kind not in ("Point", "MultiPoint", "Polygon", "MultiPolygon"):
        raise Invalid("sites.not_a_point", f"{where}: its geometry is no point and no area")
    held = geometry.get("coordinates")
    if kind == "Point":
        return [_point(held, where=where)]
    if not isinstance(held, list) or not held:
        raise Invalid("sites.not_a_point", f"{where}: its geometry is empty")
    if kind == "MultiPoint":
        return [_point(each, where=where) for each in held]
    areas = held if kind == "MultiPolygon" else [held]
    middles = [_middle(each, where=where) for each in areas]
    return [max(middles, key=lambda each: each[0])[1]]


def _point(held: Any, *, where: str) -> Point:  # noqa: ANN401 - as above
    if not isinstance(held, list) or len(held) < 2:
        raise Invalid("sites.not_a_point", f"{where}: a Point has [longitude, latitude]")
    return held[0], held[1]


def _middle(area: Any, *, where: str) -> tuple[float, Point]:  # noqa: ANN401 - as above
    """Return an area's size (square degrees) and centre of mass, by its outer ring."""
    ring = area[0] if isinstance(area, list) and area else None
    if not isinstance(ring, list) or len(ring) < 4:
        raise Invalid("sites.not_a_point", f"{where}: an area's ring has four points or more")
    corners = [_corner(each, where=where) for each in ring]
    x0, y0 = corners[0]
    doubled = east = north = 0.0
    for (x1, y1), (x2, y2) in pairwise(corners):
        cross = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
        doubled += cross
        east += cross * (x1 + x2 - 2 * x0)
        north += cross * (y1 + y2 - 2 * y0)
    if not doubled:
        return 0.0, (x0, y0)
    return abs(doubled) / 2, (x0 + east / (3 * doubled), y0 + north / (3 * doubled))


def _corner(held: Any, *, where: str) -> tuple[float, float]:  # noqa: ANN401 - as above
    try:
        x, y = _point(held, where=where)
        return float(x), float(y)
    except (TypeError, ValueError, OverflowError):
        raise Invalid("sites.not_a_number", f"{where}: a corner is not two numbers") from None

"""Sites of a CSV file: columns in any order, named in English or Chinese, however separated."""

import csv
import re
from collections.abc import Iterator, Mapping
from io import StringIO

from shared.kernel.errors import Invalid
from tools.simulator.site_rows import Told, site_of, text_of

SEPARATORS = (",", ";", "\t", "|", "，")
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "latitude": ("latitude", "lat", "y", "wgs84lat", "纬度", "緯度", "wgs84纬度"),
    "longitude": ("longitude", "lon", "lng", "long", "x", "wgs84lng", "wgs84lon", "经度", "經度"),
    "site_id": (
        *("siteid", "id", "site", "name", "sitename", "code", "编号", "編號", "序号", "站点编号"),
        *("站点", "站點", "名称", "名稱", "站点名称", "点位名称", "小区名称"),
    ),
    "community_code": ("communitycode", "divisioncode", "社区代码", "社區代碼", "区划代码"),
    "mass_kg": ("masskg", "weightkg", "kg", "重量kg", "重量公斤", "重量千克"),
    "crs": ("crs", "srid", "epsg", "坐标系", "座標系"),
}
NEEDED = ("latitude", "longitude")
_WORD = re.compile(r"[\W_]+")


def csv_sites(name: str, held: bytes) -> Iterator[Told]:
    """Yield the sites with their lines, or raise `Invalid` (sites.…). Blank lines are skipped."""
    text = text_of(name, held)
    separator = max(SEPARATORS, key=lambda each: len(_columns(_first_row(text, each))))
    reader = csv.reader(StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        columns = _columns(next(reader, []))
        missing = [each for each in NEEDED if each not in columns]
        if missing:
            raise Invalid("sites.missing_column", f"{name} line 1: no column {', '.join(missing)}")
        for cells in reader:
            if any(cell.strip() for cell in cells):
                where = f"{name} line {reader.line_num}"
                row = _row(cells, columns, decimal_comma=separator != ",")
                yield where, site_of({"site_id": f"line-{reader.line_num}"} | row, where=where)
    except csv.Error as error:
        raise Invalid("sites.not_csv", f"{name} line {reader.line_num}: {error}") from error


def _first_row(text: str, separator: str) -> list[str]:
    line = text.lstrip("\r\n").splitlines()[:1]
    try:
        return next(csv.reader(line, delimiter=separator), [])
    except csv.Error:
        return []


def _columns(header: list[str]) -> dict[str, int]:
    """Return where each known column stands; of several names for one the better known wins."""
    said = [_WORD.sub("", cell.casefold()) for cell in header]
    found = {}
    for column, names in COLUMNS.items():
        places = [said.index(name) for name in names if name in said]
        if places:
            found[column] = places[0]
    return found


def _row(cells: list[str], columns: Mapping[str, int], *, decimal_comma: bool) -> dict[str, str]:
    row = {name: cells[at].strip() for name, at in columns.items() if at < len(cells)}
    if decimal_comma:
        for name in ("latitude", "longitude", "mass_kg"):
            if name in row:
                row[name] = row[name].replace(",", ".")
    return row

"""SITES=: a right file is read, a wrong one is refused with the line and the reason."""

import json

import pytest

from shared.kernel.errors import Invalid
from tools.simulator.sites import read_sites

CSV = "site_id,latitude,longitude,community_code,mass_kg\na,26.08,119.30,350102001001,12.5\n"


def written(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return path


def test_reads_a_csv(tmp_path):
    (site,) = read_sites(written(tmp_path, "s.csv", CSV)).sites

    assert (site.name, site.community_code, site.typical_mass_g) == ("a", "350102001001", 12_500)


def test_reads_geojson_points(tmp_path):
    feature = {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [119.3, 26.08]},
        "properties": {"site_id": "a"},
    }
    text = json.dumps({"type": "FeatureCollection", "features": [feature]})

    (site,) = read_sites(written(tmp_path, "s.geojson", text)).sites

    assert (site.latitude, site.longitude) == (26.08, 119.3)
    assert site.community_code.startswith("99")


def test_reads_a_folder_in_the_m3cvrp_form(tmp_path):
    point = {"id": "a", "lat": 36_090_514, "lng": 120_130_433, "capacity": 480}
    written(tmp_path, "WasteCollectionSites.json", json.dumps({"point": [point]}))
    place = {"id": "d", "lat": 36_000_000, "lng": 120_000_000}
    written(tmp_path, "Depots.json", json.dumps({"depot": [place]}))
    written(tmp_path, "DisposalFacilities.json", json.dumps({"disposal_facility": [place]}))

    read = read_sites(tmp_path)

    assert read.sites[0].typical_mass_g == 14_400
    assert (len(read.depots), len(read.facilities)) == (1, 1)


@pytest.mark.parametrize(
    ("name", "text", "code", "where"),
    [
        ("s.csv", "site_id,latitude\n", "sites.missing_column", "line 1"),
        ("s.csv", CSV + "b,north,119,,\n", "sites.not_a_number", "line 3"),
        ("s.csv", CSV + "b,91,119,,\n", "sites.out_of_range", "line 3"),
        ("s.csv", CSV + "b,nan,119,,\n", "sites.out_of_range", "line 3"),
        ("s.csv", CSV + ",26,119,,\n", "sites.missing_id", "line 3"),
        ("s.csv", CSV + "b,26,119,12,\n", "sites.community_code", "line 3"),
        ("s.csv", CSV + "a,26,119,,\n", "sites.repeated", "'a'"),
        ("s.csv", CSV.splitlines()[0] + "\n", "sites.empty", "no site"),
        ("s.json", "{", "sites.not_json", "line 1"),
        ("s.json", "[]", "sites.not_geojson", "FeatureCollection"),
        ("s.json", '{"features":[{"geometry":null}]}', "sites.not_a_point", "feature 1"),
        ("s.txt", "x", "sites.unknown_format", ".csv"),
    ],
)
def test_refuses_a_wrong_file_with_line_and_reason(tmp_path, name, text, *, code, where):
    with pytest.raises(Invalid) as refused:
        read_sites(written(tmp_path, name, text))

    assert refused.value.code == code
    assert where in refused.value.message


def test_refuses_what_is_not_there(tmp_path):
    with pytest.raises(Invalid) as refused:
        read_sites(tmp_path / "none.csv")

    assert refused.value.code == "sites.not_found"

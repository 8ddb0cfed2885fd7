"""SITES=: a right file is read, a wrong one is refused with the line and the reason."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shared.kernel.errors import Invalid
from tools.simulator.sites import read_sites

CSV = "site_id,latitude,longitude,community_code,mass_kg\na,26.08,119.30,350102001001,12.5\n"


NO_POINT = ("sites.not_a_point", "feature 1")
PLACE = (26.08, 119.3)
WORDS = st.sampled_from(
    ["type", "features", "geometry", "coordinates", "properties", "id", "crs", "Point", "mass_kg"]
)


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


def is_read_or_refused(path):
    try:
        return bool(read_sites(path).sites)
    except Invalid as no:
        return no.code.startswith("sites.")


def in_square(kind, coordinates):
    feature = {"geometry": {"type": kind, "coordinates": coordinates}, "properties": None}
    return json.dumps({"type": "FeatureCollection", "features": [feature]})


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("site_id,latitude,longitude\r\na,26.08,119.3\r\n\r\n,,\r\n", "utf-8-sig"),
        ("longitude;id;mass_kg;latitude\n119,3;a;1,5;26,08\n", "utf-8"),
        ("经度\t纬度\t名称\n119.3\t26.08\ta\n", "utf-16"),
        ("名称,纬度,经度,备注\na,26.08,119.3,鼓楼区\n", "gb18030"),
        ("Lat,LNG\n26.08,119.3\n", "ascii"),
        ('"Site ID"|"Latitude"|"Longitude"|"CRS"\n"a"|26.08|119.3|"EPSG:4326"\n', "utf-8"),
    ],
)
def test_reads_a_csv_as_programs_write_it(tmp_path, text, encoding):
    path = tmp_path / "s.csv"
    path.write_bytes(text.encode(encoding))

    (site,) = read_sites(path).sites

    assert (site.latitude, site.longitude) == PLACE
    assert site.name in ("a", "line-2")


def test_reads_areas_by_their_middle_and_every_point_of_many(tmp_path):
    ring = [[119.2, 26.0], [119.4, 26.0], [119.4, 26.16], [119.2, 26.16], [119.2, 26.0]]
    far = [[[0, 0], [0, 0.01], [0.01, 0], [0, 0]]]

    for kind, coordinates in (("Polygon", [ring]), ("MultiPolygon", [far, [ring]])):
        (site,) = read_sites(written(tmp_path, "s.json", in_square(kind, coordinates))).sites
        assert (site.latitude, site.longitude) == pytest.approx(PLACE)
    many = read_sites(written(tmp_path, "s.json", in_square("MultiPoint", ring[:3]))).sites

    assert [site.name for site in many] == ["feature-1-1", "feature-1-2", "feature-1-3"]


@given(held=st.binary(max_size=400), suffix=st.sampled_from([".csv", ".json"]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_file_holds_it_is_read_or_refused(tmp_path, held, suffix):
    path = tmp_path / f"s{suffix}"
    path.write_bytes(b"lat,lon\n" + held if suffix == ".csv" else held)

    assert is_read_or_refused(path)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=30,
)


@given(held=st.dictionaries(WORDS, JSON, max_size=3), features=st.lists(JSON, max_size=3))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_a_geojson_says_it_is_read_or_refused(tmp_path, held, features):
    areas = [{"geometry": {"type": "Polygon", "coordinates": each}} for each in features]
    text = json.dumps({"features": [*features, *areas], **held})

    assert is_read_or_refused(written(tmp_path, "s.json", text))


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
        ("s.csv", CSV + "a,26,119,,\n", "sites.repeated", "line 3"),
        ("s.csv", CSV + "b,119.3,26.1,,\n", "sites.out_of_range", "swapped"),
        ("s.csv", CSV + "b,2886400,501200,,\n", "sites.out_of_range", "degrees"),
        ("s.csv", CSV + "b,26,119,,-1\n", "sites.out_of_range", "mass_kg"),
        ("s.csv", CSV + "b,26\n", "sites.not_a_number", "line 3: longitude"),
        ("s.csv", CSV + 'b,26,119,,"1\n', "sites.not_csv", "line 3"),
        ("s.csv", "lat,lng,坐标系\n26,119,GCJ-02\n", "sites.crs", "line 2"),
        ("s.csv", "", "sites.missing_column", "line 1"),
        ("s.csv", "a\x00b", "sites.not_text", "binary"),
        ("s.geojson", '{"features":[{"geometry":{"type":"LineString"}}]}', *NO_POINT),
        (
            "s.geojson",
            '{"features":[{"geometry":{"type":"Polygon","coordinates":[[]]}}]}',
            *NO_POINT,
        ),
        ("s.geojson", '{"features":[7]}', "sites.not_geojson", "feature 1"),
        ("s.json", "[" * 99_999, "sites.not_json", "deep"),
        ("s.json", '{"features":[' + "9" * 5_000 + "]}", "sites.not_json", "too long"),
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

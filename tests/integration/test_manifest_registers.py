"""Manifests in the registers: each gram once, with what its manifest says, in the right areas."""

import csv
import io
from collections import Counter
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from services.tracking.application.register_filing import Filing
from shared.kernel.clock import legal_day
from tests.integration.consignment_city import CODE
from tests.integration.consignment_house import house_of
from tests.unit.tracking.builders import BOARDS, CRT, LEAD

pytestmark = pytest.mark.integration

CODES = (CODE, "900-045-49", "900-044-49")
FUZHOU, XIAMEN = "350102001001", "350203002002"


@pytest.fixture(scope="module")
def house(mongodb_uri, tmp_path_factory):
    """Boxes over two carriers: one is accepted 3 g lighter, two as they are, one goes back.

    In box-4 lie boards and glass, in one container under two codes.
    """
    with house_of(mongodb_uri, tmp_path_factory.mktemp("state")) as held:
        held.registry(codes=CODES).boxes("box-1", "box-2", "box-3")
        held.mixed("box-4", circuit_boards=400, crt_glass=601)
        carriers = [held.carrier("carrier-1"), held.carrier("carrier-2", hours=2)]
        parent = held.draft("box-1", "box-2", "box-3", "box-4", carriers=carriers)
        held.seal(parent)
        held.tell()
        assert held.sign(parent).status_code == 200
        assert held.take(parent).status_code == 200
        assert held.take(parent, by="carrier-2").status_code == 200
        assert held.arrive(parent, by="carrier-2").status_code == 200
        verdicts = held.verdicts(parent, "box-2")
        verdicts[0]["received_g"] -= 3
        decided = {"party_id": "smelter", "place_id": "smelter-gate", "verdicts": verdicts}
        received = held.done(parent, "receptions", {**decided, "onward": held.back()}, by="smelter")
        assert received["state"] == "received"
        held.react()
        child = held.state(parent).receptions[-1].child_id
        go_back(held, child)
        held.parent, held.child = held.state(parent), held.state(child)
        yield held


def go_back(house, child):
    """The refused box, on its own manifest, with who had brought it."""
    house.tell()
    assert house.sign(child, by="smelter", place_id="smelter-gate").status_code == 200
    assert house.take(child, by="carrier-2").status_code == 200
    assert house.arrive(child, by="carrier-2", place_id="outlet-yard").status_code == 200
    back = [{"container": "box-2", "received_g": 7_000}]
    receipt = {"party_id": "outlet", "place_id": "outlet-yard", "containers": back}
    assert house.done(child, "receipts", receipt)["state"] == "returned"
    house.react()


def file_of(house, kind, *, area=None, form="csv", key=None):
    today = legal_day(house.desk.clock.now())
    first = (today - timedelta(days=2)).isoformat()
    body = {"kind": kind, "format": form, "first_day": first, "last_day": today.isoformat()}
    role = "regulator" if area else "operator"
    headers = house.headers(f"{role}-1", role, area=area, key=key or f"{kind}{area}{form}")
    asked = house.call("POST", "/v1/registers", json=body, headers=headers)
    assert asked.status_code == 202, asked.text
    Filing(house.wiring.registry()).work()
    look = house.call("GET", asked.headers["Location"], headers=headers).json()
    assert look["state"] == "ready", look
    return house.call("GET", look["download"]["href"]).content


def rows_of(house, kind, **wanted):
    text = file_of(house, kind, **wanted).decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


def grams(rows, column="mass_g"):
    return sum(int(row[column]) for row in rows if row[column])


def stock_g(house, prefix):
    house.wiring.poster().post_all()
    told = house.get("/stock", by="op", role="operator", account=prefix, is_prefix="true")
    return sum(each["mass_g"] for each in told.json()["items"])


def told(row):
    names = ("document_id", "container_tags", "verdict", "mass_g", "received_g", "refused_g")
    return tuple(row[name] for name in names)


def test_manifests_replace_the_moves_of_their_containers_and_each_gram_is_listed_once(house):
    parent, child = house.parent.number, house.child.number
    held_g = {prefix: stock_g(house, prefix) for prefix in ("party/", "vehicle/", "place/")}
    out, way, came = (rows_of(house, kind) for kind in ("outgoing", "transported", "incoming"))
    taken_in = [row for row in came if row["document_type"] == "manifest"]
    on_way = [row for row in way if row["document_type"] == "manifest"]

    assert held_g == {"party/": 15_999, "vehicle/": 0, "place/": 7_000}
    assert grams(out) == grams(out, "received_g") - grams(out, "refused_g") == 15_999
    assert {row["document_type"] for row in out} == {"manifest"}
    assert grams(taken_in) == grams(taken_in, "received_g") - grams(taken_in, "refused_g")
    assert grams(taken_in) == 15_999 + 7_000  # what was returned came in again
    assert grams(way) == 0
    assert grams(row for row in on_way if int(row["mass_g"]) > 0) == 2 * 23_002
    for rows in (out, way, came):
        assert len({row["line_id"] for row in rows}) == len(rows)
    assert sorted(told(row) for row in out) == sorted(
        [
            (parent, "box-1", "accepted", "10000", "9997", "0"),
            (parent, "box-1", "accepted", "-3", "", ""),
            (parent, "box-2", "refused", "0", "7000", "7000"),
            (parent, "box-3", "accepted", "5001", "5001", "0"),
            (parent, "box-4", "accepted", "400", "400", "0"),
            (parent, "box-4", "accepted", "601", "601", "0"),
        ]
    )
    assert [told(row) for row in taken_in if row["document_id"] == child] == [
        (child, "box-2", "returned", "7000", "7000", "0")
    ]


def test_stock_names_the_manifest_by_which_it_came_in(house):
    def stock():
        house.wiring.poster().post_all()
        key = f"stock-{house.box('box-2').state}"
        return {
            row["line_id"].partition(" ")[0]: (row["mass_g"], row["manifest_numbers"])
            for row in rows_of(house, "stock", key=key)
        }

    back = house.child.number
    in_its_box = stock()
    house.operate("/containers/box-2/emptyings", {"place_id": "outlet-yard"})
    house.react()

    assert in_its_box == {"place/outlet-yard/container/box-2": ("7000", back)}
    assert stock() == {"place/outlet-yard": ("7000", back)}


def test_each_leg_has_its_carrier_and_each_line_what_the_manifest_says(house):
    way = rows_of(house, "transported")
    parent = [row for row in way if row["document_id"] == house.parent.number]
    legs = Counter((row["carrier_id"], int(row["mass_g"]) > 0) for row in parent)
    sent = rows_of(house, "outgoing")
    received = next(row for row in sent if row["container_tags"] == "box-3")
    mixed = [row for row in sent if row["container_tags"] == "box-4"]

    # What was refused is still on the second carrier's truck when it goes back.
    assert legs == {
        ("carrier-1", True): 5,
        ("carrier-1", False): 5,
        ("carrier-2", True): 5,
        ("carrier-2", False): 4,
    }
    assert {row["sent_g"] for row in parent if int(row["mass_g"]) < 0} == {""}
    wanted = {
        "consignor_id": "outlet",
        "carrier_ids": "carrier-1 carrier-2",
        "carrier_id": "carrier-2",
        "receiver_id": "smelter",
        "counterparty_id": "smelter",
        "waste_code": "900-052-31",
        "waste_class": "HW31",
        "un_number": "UN2794",
        "sent_g": "5001",
        "place_id": "outlet-yard",
        "division_code": FUZHOU,
    }
    assert wanted.items() <= received.items()
    dates = [received[name] for name in ("sealed_at", "taken_over_at", "received_at")]
    assert all(each.endswith("+08:00") for each in dates)
    assert sorted(dates) == dates
    assert {row["sent_g"]: row["waste_code"] for row in mixed} == {"400": CODES[1], "601": CODES[2]}
    assert not any(row["received_at"] for row in parent if int(row["mass_g"]) > 0)


def test_a_regulator_sees_what_left_or_came_in_the_own_area(house):
    here, there = FUZHOU[:4], XIAMEN[:4]
    found = {
        (kind, area): [
            (row["container_tags"], row["verdict"])
            for row in rows_of(house, kind, area=area)
            if row["document_type"] == "manifest" and row["act"] != "received"
        ]
        for kind in ("outgoing", "incoming")
        for area in (here, there)
    }

    sent = [("box-1", "accepted"), ("box-2", "refused"), ("box-3", "accepted")]
    sent += [("box-4", "accepted")] * 2
    assert sorted(found["outgoing", here]) == sent
    assert found["outgoing", there] == []
    assert found["incoming", here] == [("box-2", "returned")]
    assert sorted(found["incoming", there]) == sent


def test_a_mixed_container_is_told_and_licensed_by_code(house):
    held = house.get(f"/consignments/{house.parent.consignment_id}", by="smelter").json()
    (mixed,) = [each for each in held["containers"] if each["container"] == "box-4"]
    judged = {(each["material"], each["leg"]) for each in held["legs"]}
    grams = house.consigning.grams
    plans = [f"plan/plan-outlet{code}" for code in ("", f"-{CODES[1]}", f"-{CODES[2]}")]

    assert [(each["waste_code"], each["mass_g"]) for each in mixed["contents"]] == [
        (CODES[2], 601),
        (CODES[1], 400),
    ]
    assert (mixed["waste_code"], mixed["net_g"]) == (CODES[2], 1_001)
    assert judged == {(material, leg) for material in (LEAD, BOARDS, CRT) for leg in (1, 2)}
    assert [grams.left(plan)["used_g"] for plan in plans] == [14_998, 400, 601]


def test_xlsx_says_the_same_in_typed_cells(house):
    sheet = load_workbook(io.BytesIO(file_of(house, "outgoing", form="xlsx"))).active
    names, *rows = sheet.iter_rows(values_only=True)
    plain = rows_of(house, "outgoing")

    assert [dict(zip(names, row, strict=True))["mass_g"] for row in rows] == [
        int(row["mass_g"]) for row in plain
    ]
    verdicts = [dict(zip(names, row, strict=True))["verdict"] for row in rows]
    assert verdicts == [row["verdict"] for row in plain]

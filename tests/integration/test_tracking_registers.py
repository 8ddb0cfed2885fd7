"""Registers over real MongoDB: what is in them, who gets them, their links, and their end."""

import csv
import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from openpyxl import load_workbook

from services.tracking.application.register_filing import Filing
from shared.kernel.clock import ManualClock
from shared.kernel.ids import new_id
from shared.reference.retention import retention_of
from tests.integration.tracking_house import house_of
from tests.unit.tracking.builders import (
    COMMUNITY,
    FACILITY,
    LATER,
    LEAD,
    VEHICLE,
    history,
    in_order,
    lot,
    unloading,
)

pytestmark = pytest.mark.integration

DAY = "2026-11-24"
HUB = f"/v1/places/{FACILITY}"


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        held.register()
        held.react(
            *in_order(
                *history((lot("lot-1", 900), lot("lot-2", 500, material=LEAD, tag="GL-1"))),
                *history((lot("lot-1", 70),), (lot("lot-1", 65),), pickup_id="pickup-2"),
                unloading("pickup-1", "pickup-2"),
            )
        )
        sold = {
            "happened_at": (LATER + timedelta(hours=1)).isoformat(),
            "buyer_id": "mill-1",
            "delivery_note": "-note-7",
            "lines": [{"material": "cardboard", "mass_g": 600}],
        }
        assert held.post(f"{HUB}/deliveries", sold).status_code == 201
        yield held


def order(house, kind, *, role="regulator", area=None, key=None, subject=None, **changed):
    body = {"kind": kind, "first_day": DAY, "last_day": DAY, **changed}
    headers = house.headers(role, area=area, subject=subject)
    headers["Idempotency-Key"] = key or new_id()
    return house.call("POST", "/v1/registers", json=body, headers=headers)


def work(house):
    return Filing(house.wiring.registry()).work()


def look(house, answer, *, role="regulator", area=None, subject=None):
    headers = house.headers(role, area=area, subject=subject)
    return house.call("GET", answer.headers["Location"], headers=headers)


def file_of(house, kind, **asked):
    answer = order(house, kind, **asked)
    assert answer.status_code == 202, answer.text
    work(house)
    who = {name: asked[name] for name in ("role", "area", "subject") if name in asked}
    ready = look(house, answer, **who).json()
    assert ready["state"] == "ready", ready
    return house.call("GET", ready["download"]["href"])


def rows_of(answer):
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def years_of(collection):
    return retention_of(collection, LATER.date()).years


def grams(rows):
    return [(row["material"], row["container_tags"], int(row["mass_g"])) for row in rows]


def test_incoming_has_each_weigh_in_and_its_correction_once(house):
    rows = rows_of(file_of(house, "incoming", area=COMMUNITY[:4]))

    assert sorted(grams(rows)) == [
        ("cardboard", "", -5),
        ("cardboard", "", 70),
        ("cardboard", "", 900),
        (LEAD, "GL-1", 500),
    ]
    assert {row["waste_code"] for row in rows} == {"", "900-052-31"}
    assert {row["act"] for row in rows} == {"weighed", "corrected"}
    assert {row["division_code"] for row in rows} == {COMMUNITY}


def test_outgoing_names_buyer_and_note_and_runs_no_formula(house):
    (sold,) = rows_of(file_of(house, "outgoing", with_bom=True))

    assert (sold["counterparty_id"], sold["mass_g"]) == ("mill-1", "600")
    assert sold["delivery_note"] == "'-note-7"


def test_transported_has_what_was_loaded_and_unloaded(house):
    rows = rows_of(file_of(house, "transported"))

    assert {row["vehicle_id"] for row in rows} == {VEHICLE}
    assert sum(int(row["mass_g"]) for row in rows) == 0
    unloaded = [row for row in rows if row["to_holder"] == f"place/{FACILITY}"]
    assert sorted(grams(unloaded)) == [
        ("cardboard", "", -900),
        ("cardboard", "", -65),
        (LEAD, "GL-1", -500),
    ]


def test_stock_is_what_the_ledger_has_and_xlsx_says_the_same_as_csv(house):
    rows = rows_of(file_of(house, "stock"))
    held = house.get("/v1/stock", account="place/", is_prefix="true").json()["items"]
    book = load_workbook(io.BytesIO(file_of(house, "stock", format="xlsx").content)).active
    head, *cells = [[cell.value for cell in row] for row in book]

    assert grams(rows) == [("cardboard", "", 365), (LEAD, "GL-1", 500)]
    assert {row["manifest_numbers"] for row in rows} == {""}  # none of it travelled under one
    assert sorted(int(row["mass_g"]) for row in rows) == sorted(i["mass_g"] for i in held)
    assert [dict(zip(head, row, strict=True))["mass_g"] for row in cells] == [365, 500]


def test_registers_sum_to_what_balances_changed_by(house):
    house.wiring.poster().post_all()
    changed = {}
    for kind, prefix, sign in (
        ("incoming", "household/", -1),
        ("outgoing", "delivered/", 1),
        ("stock", "place/", 1),
    ):
        held = house.get("/v1/stock", account=prefix, is_prefix="true").json()["items"]
        changed[kind] = sign * sum(each["mass_g"] for each in held)

    summed = {
        kind: sum(int(row["mass_g"]) for row in rows_of(file_of(house, kind))) for kind in changed
    }

    assert summed == changed
    assert summed["incoming"] == summed["outgoing"] + summed["stock"]


def test_registers_name_neither_household_nor_crew(house):
    files = [file_of(house, kind).text for kind in ("incoming", "outgoing", "transported", "stock")]

    for name in ("household-1", "collector-1", "operator-1", "scale-1"):
        assert not any(name in each for each in files)


def test_a_regulator_sees_the_own_area_and_a_place_is_where_an_operator_says(house):
    elsewhere = {"role": "regulator", "area": "3502"}
    counts = [len(rows_of(file_of(house, kind, **elsewhere))) for kind in ("incoming", "stock")]
    said = house.post(f"/v1/places/{FACILITY}/division", {"division_code": "350203"})
    moved = len(rows_of(file_of(house, "stock", **elsewhere)))
    here = len(rows_of(file_of(house, "stock", role="regulator", area=COMMUNITY[:4])))
    wider = order(house, "stock", area="3502", division_prefix="35")

    assert (counts, said.status_code, moved, here) == ([0, 0], 200, 2, 0)
    assert (wider.status_code, wider.json()["code"]) == (403, "registers.area")


def test_too_many_rows_fail_and_say_so(house):
    tight = house.wiring.registry()
    answer = order(house, "incoming", role="operator")
    Filing(replace(tight, rules=replace(tight.rules, rows_max=3))).work()

    failed = look(house, answer, role="operator").json()
    assert (failed["state"], failed["why"]) == ("failed", "registers.too_many_rows")
    assert failed["download"] is None


def test_one_key_is_one_register_and_a_person_has_three_open(house):
    first, again = (order(house, "stock", key="key-1") for _ in range(2))
    at_once = house.at_once(8, lambda _: order(house, "incoming").status_code)
    other = order(house, "stock", subject="regulator-2")

    assert (first.status_code, first.content) == (202, again.content)
    assert first.headers["Location"] == f"/v1/registers/{first.json()['register_id']}"
    assert sorted(at_once) == [202, 202, *[409] * 6]
    assert other.status_code == 202


def test_a_link_opens_its_file_only_and_all_that_is_wrong_is_told_alike(house):
    answers = [order(house, kind) for kind in ("incoming", "stock")]
    open_yet = house.call("GET", f"{answers[0].headers['Location']}/file")
    work(house)
    one, other = (urlsplit(look(house, each).json()["download"]["href"]) for each in answers)
    parts = {name: held[0] for name, held in parse_qs(one.query).items()}
    got = house.call("GET", one.geturl())
    wrong = [
        open_yet,
        house.call("GET", f"{other.path}?{one.query}"),
        house.call("GET", one.path, params={**parts, "expires": "9" * 12}),
        house.call("GET", one.path, params={**parts, "expires": "x" * 5_000}),
        house.call("GET", one.path, params={**parts, "signature": "é"}),
        house.call("GET", one.path),
        house.call("GET", "/v1/registers/made-up/file", params=parts),
    ]

    assert got.headers["content-disposition"].startswith('attachment; filename="incoming_2026')
    assert int(got.headers["content-length"]) == len(got.content)
    assert {(each.status_code, each.json()["code"]) for each in wrong} == {(403, "registers.link")}
    assert len({each.content for each in wrong}) == 1


def test_nobody_sees_a_register_that_somebody_else_asked_for(house):
    answer = order(house, "stock", area="3501")

    assert look(house, answer, area="3501", subject="regulator-2").status_code == 404
    assert look(house, answer, area="3502").status_code == 404
    assert look(house, answer, role="operator").status_code == 200
    assert look(house, answer, role="company").status_code == 403


def test_files_go_and_records_stay_whatever_jobs_run(house):
    answer = order(house, "stock")
    work(house)
    ten_years_later = ManualClock(datetime.now(UTC) + timedelta(days=3_651))
    db = house.wiring.db
    records = [name for name in db.list_collection_names() if years_of(name)]
    before = {name: db[name].count_documents({}) for name in records}

    Filing(replace(house.wiring.registry(), real_clock=ten_years_later)).work()
    for job in house.wiring.jobs():
        job.run()

    assert {name: db[name].count_documents({}) for name in records} == before
    assert before["journals"] > 0
    assert db["register_files"].count_documents({}) == 0
    assert look(house, answer).json()["state"] == "expired"
    ending = [
        name
        for name in db.list_collection_names()
        if any("expireAfterSeconds" in each for each in db[name].list_indexes())
    ]
    assert [name for name in ending if years_of(name)] == []


def test_the_rules_of_keeping_are_told(house):
    items = house.get("/v1/retention", role="resident").json()["items"]

    assert {"manifests": 10, "mass-ledger": 10}.items() <= {
        each["record"]: each["years"] for each in items
    }.items()
    assert all(each["source"] for each in items)

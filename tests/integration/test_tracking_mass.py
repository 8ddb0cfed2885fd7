"""Tracking over real MongoDB: its API, its reactions and the mass ledger's books."""

from dataclasses import replace

import pytest

from shared.messaging.reactions import sequence_mark
from shared.observability import metrics
from tests.integration.tracking_house import house_of
from tests.unit.tracking.builders import (
    FACILITY,
    LEAD,
    LITHIUM,
    PICKUP,
    VEHICLE,
    history,
    in_order,
    lot,
    unloading,
)
from tests.unit.tracking.legs import TABLE, rules
from tests.unit.tracking.test_drive_totals import closed, revised
from tests.unit.tracking.test_visits import numbered, weighed

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held


def battery(mass_g, tag):
    return lot("lot-9", mass_g, material=LEAD, tag=tag)


def placed(**grams):
    terms = ("collected", "in_transit", "in_stock", "delivered", "returned", "loss")
    return {**dict.fromkeys((*terms, "quarantine", "difference", "processed"), 0), **grams}


def test_a_registered_container_shows_its_codes_and_its_content(house):
    registered = house.register()
    house.react(*in_order(*history((battery(9_000, "GL-1"),)), unloading()))

    shown = house.get("/v1/containers/GL-1", role="company").json()

    assert registered.status_code == 201
    assert (shown["waste_code"], shown["un_number"]) == ("900-052-31", "UN2794")
    assert shown["content_g"] == 9_000


def test_content_follows_corrections(house):
    house.register()
    weighed, corrected = history((battery(9_000, "GL-1"),), (battery(8_500, "GL-1"),))

    house.react(*in_order(weighed, unloading(), corrected))

    assert house.get("/v1/containers/GL-1").json()["content_g"] == 8_500


def test_a_container_that_a_correction_empties_holds_nothing(house):
    house.register("GL-1")
    house.register("GL-2")
    house.react(*in_order(*history((battery(9_000, "GL-1"),), (battery(9_000, "GL-2"),))))

    contents = [house.get(f"/v1/containers/GL-{n}").json()["content_g"] for n in (1, 2)]

    assert contents == [0, 9_000]


def test_a_tag_that_begins_like_another_is_another(house):
    house.register("GL-1")
    house.register("GL-11")
    house.react(*in_order(*history((battery(9_000, "GL-11"),))))

    assert house.get("/v1/containers/GL-1").json()["content_g"] == 0


def test_grams_are_in_transit_then_in_stock_and_always_somewhere(house):
    house.register()
    lots = (lot("lot-1", 700), battery(9_000, "GL-1"), battery(500, "GL-LOST"))
    weighed, put_down = in_order(*history(lots), unloading())

    house.react(weighed)
    moving = house.facts()
    house.react(weighed, put_down)
    stored = house.facts()

    assert moving["by_material"] == {
        "cardboard": placed(collected=700, in_transit=700),
        LEAD: placed(collected=9_500, in_transit=9_000, quarantine=500),
    }
    assert stored["by_material"] == {
        "cardboard": placed(collected=700, in_stock=700),
        LEAD: placed(collected=9_500, in_stock=9_000, quarantine=500),
    }
    assert (stored["ledger_sum_g"], stored["journals"]) == (0, 1)
    assert (stored["contained_lots"], stored["quarantined_lots"]) == (1, 1)
    assert all(house.wiring.invariants().values())


def test_the_books_are_the_same_whatever_topic_comes_first(house):
    events = history((lot("lot-1", 700),), (lot("lot-1", 630),))

    house.react(*in_order(unloading(), *events))

    assert house.facts()["by_material"] == {"cardboard": placed(collected=630, in_stock=630)}


def test_a_pickup_that_is_only_unloaded_is_awaited_and_not_counted(house):
    house.react(*in_order(unloading()))

    assert (house.facts()["journals"], house.facts()["by_material"]) == (0, {})
    assert all(house.wiring.invariants().values())


def test_a_poll_of_many_pickups_is_applied_once_each(house):
    pickups = [f"pickup-{number}" for number in range(200)]
    weighings = [history((lot("lot-1", 10),), pickup_id=each)[0] for each in pickups]
    log = in_order(*weighings, unloading(*pickups))

    house.react(*log)
    house.react(*log)

    assert house.facts()["by_material"]["cardboard"] == placed(collected=2_000, in_stock=2_000)
    assert house.facts()["journals"] == 200


def test_the_invariants_see_grams_that_vanish(house):
    house.react(*in_order(*history((lot("lot-1", 700),))))

    house.wiring.db["journals"].update_one(
        {"_id": PICKUP}, {"$inc": {"state.entries.0.postings.1.amount": -1}}
    )

    (check,) = [job for job in house.wiring.jobs() if job.name == "invariants"]
    check.run()
    told = {
        sample.labels["invariant"]: sample.value
        for metric in metrics.INVARIANT_BROKEN.collect()
        for sample in metric.samples
    }
    broken = {name for name in house.wiring.invariants() if told[name]}
    assert broken == {"tracking.ledger_sums_to_zero", "tracking.collected_is_somewhere"}
    assert check.every_s <= 15


def test_quarantine_lists_each_lot_with_its_reason(house):
    house.register("GL-2", material=LITHIUM)
    house.react(*in_order(*history((battery(500, "GL-2"), lot("lot-1", 700)))))

    (item,) = house.get("/v1/quarantine").json()["items"]

    assert {name: item[name] for name in ("pickup_id", "lot_id", "material", "mass_g")} == {
        "pickup_id": PICKUP,
        "lot_id": "lot-9",
        "material": LEAD,
        "mass_g": 500,
    }
    assert (item["container_tag"], item["reason"]) == ("GL-2", "tracking.wrong_material")


def test_a_corrected_tag_leaves_quarantine(house):
    house.register()
    house.react(*in_order(*history((battery(500, "GL-LOST"),), (battery(500, "GL-1"),))))

    assert house.get("/v1/quarantine").json()["items"] == []
    assert house.facts()["quarantined_lots"] == 0


def test_balances_are_listed_under_a_prefix_without_empty_ones(house):
    house.react(*in_order(*history((lot("lot-1", 700),)), unloading()))

    assert house.balances_g(f"place/{FACILITY}") == {(f"place/{FACILITY}", "cardboard"): 700}
    assert house.balances_g(f"vehicle/{VEHICLE}") == {}


def test_a_prefix_is_text_and_not_a_pattern(house):
    house.react(*in_order(*history((lot("lot-1", 700),))))

    assert house.balances_g(".*") == {}


def test_a_tag_is_registered_once(house):
    first = house.register(key="key-1")

    again = house.register(key="key-1")
    other = house.register(limit_g=1)

    assert again.content == first.content
    assert (other.status_code, other.json()["code"]) == (409, "container.exists")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"material": "cardboard"}, "tracking.not_hazardous"),
        ({"material": "kryptonite"}, "materials.unknown"),
        ({"limit_g": 0}, "tracking.limit"),
    ],
)
def test_refuses_a_container_for_what_needs_none(house, changed, code):
    answer = house.register(**changed)

    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_a_resident_registers_no_container(house):
    assert house.register(role="resident").status_code == 403


def test_an_unknown_container_is_not_found(house):
    assert house.get("/v1/containers/GL-0").status_code == 404


def test_the_verdict_on_a_hazardous_lot_is_stored_with_rule_and_version(house):
    house.react(*in_order(*history((lot("lot-1", 700), battery(9_000, "GL-1")))))

    (held,) = house.wiring.journals.get(PICKUP).state.verdicts

    assert (held.lot_id, str(held.verdict.on)) == ("lot-9", "2026-11-24")
    assert held.verdict.table == TABLE.version
    assert rules(held.verdict)["household-exemption"] == "household.vehicle"


def test_a_drives_totals_are_compared_with_what_its_visits_posted(house):
    house.react(*numbered([weighed(lot("lot-1", 100, material="glass"))]))
    drives = house.wiring.reactions()[-1]
    even, odd = closed(60, 40), revised(130)
    compared = []
    for number, told in enumerate((even, odd), start=1):
        (event,) = numbered([told])
        event = replace(event, sequence=number, offset=number - 1)
        drives.apply([event], sequence_mark(drives.group, 1))
        facts = house.facts()
        answer = house.get("/v1/drives/drive-1/comparison", role="regulator", area="3501")
        compared.append((answer.json()["difference"], facts["drives_differing"]))
    elsewhere = house.get("/v1/drives/drive-1/comparison", role="regulator", area="3502")

    assert compared == [([], 0), ([{"material": "glass", "mass_g": 30}], 1)]
    assert facts["drives_told"] == 1
    assert facts["ledger_sum_g"] == 0
    assert facts["by_material"]["glass"]["collected"] == 100
    assert elsewhere.status_code == 404

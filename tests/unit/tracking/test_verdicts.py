"""A hazardous lot's collection is judged when its weigh-in is journaled, by the day's law."""

from datetime import UTC, datetime, timedelta

from services.tracking.bootstrap import judging_of
from services.tracking.domain.exemptions import NOT_KNOWN, LegVehicle
from services.tracking.settings import TrackingSettings
from tests.unit.tracking.builders import LEAD, LITHIUM, container, history, in_order, lot, unloading
from tests.unit.tracking.legs import TABLE, rules
from tests.unit.tracking.yard import Yard


def judged(yard):
    return {each.lot_id: each.verdict for each in yard.journal.verdicts}


def at(payload, when):
    return payload.model_copy(update={"weighed_at": when})


def test_hazardous_lots_are_judged_and_no_others():
    yard = Yard()
    lots = (lot("lot-1", 700), lot("lot-2", 900, material=LEAD), lot("lot-3", 90, material=LITHIUM))

    yard.react(*in_order(*history(lots)))

    verdicts = judged(yard)
    assert set(verdicts) == {"lot-2", "lot-3"}
    assert (verdicts["lot-2"].needs_manifest, verdicts["lot-2"].needs_waybill) == (False, True)
    assert (verdicts["lot-3"].needs_manifest, verdicts["lot-3"].needs_waybill) == (False, True)


def test_the_condition_is_the_one_that_collection_recorded():
    yard = Yard()
    conditions = {"lot-1": "intact", "lot-2": "broken", "lot-3": None}
    lots = [lot(name, 9, material=LEAD, condition=held) for name, held in conditions.items()]

    yard.react(*in_order(*history(tuple(lots))))

    ruled = {name: rules(held)["transport-exemption"] for name, held in judged(yard).items()}
    assert ruled == {
        "lot-1": "transport.lead-intact",
        "lot-2": "transport.broken",
        "lot-3": "transport.condition-unknown",
    }


def test_a_verdict_keeps_rule_facts_day_and_version():
    yard = Yard()

    yard.react(*in_order(*history((lot("lot-1", 9, material=LEAD, condition="intact"),))))

    (held,) = judged(yard).values()
    assert (held.table, str(held.on)) == (TABLE.version, "2026-11-24")
    assert rules(held)["household-exemption"] == "household.collection"
    assert (held.facts.waste_code, held.facts.place.kind) == ("900-052-31", "door")


def test_a_lot_in_quarantine_is_judged_as_well():
    yard = Yard(container("GL-2", LITHIUM))

    yard.react(*in_order(*history((lot("lot-1", 9, material=LEAD, tag="GL-2"),))))

    assert set(judged(yard)) == {"lot-1"}


def test_a_correction_is_judged_by_the_law_of_the_first_weighing():
    first = lot("lot-1", 9, material=LEAD, condition="broken")
    second = lot("lot-2", 9, material=LEAD, condition="intact")
    weighed, corrected = history((first,), (second,))
    before = datetime(2024, 12, 31, 15, 59, tzinfo=UTC)
    yard = Yard()

    yard.react(*in_order(at(weighed, before), at(corrected, before)))

    (held,) = yard.journal.verdicts
    assert (held.lot_id, str(held.verdict.on)) == ("lot-2", "2024-12-31")
    assert rules(held.verdict)["transport-exemption"] == "transport.lead-intact"


def test_the_day_is_the_legal_day_in_shanghai():
    (weighed,) = history((lot("lot-1", 9, material=LEAD),))
    yard = Yard()

    yard.react(*in_order(at(weighed, datetime(2024, 12, 31, 16, 0, tzinfo=UTC))))

    assert str(yard.journal.verdicts[0].verdict.on) == "2025-01-01"


def test_a_lot_from_before_the_rules_is_recorded_without_a_verdict():
    (weighed,) = history((lot("lot-1", 9, material=LEAD),))
    yard = Yard()

    yard.react(*in_order(at(weighed, datetime(2020, 6, 1, tzinfo=UTC))))

    assert yard.journal.verdicts == ()
    assert yard.journal.weighed is not None


def test_an_unloading_leaves_the_verdicts_and_may_come_first():
    lots = history((lot("lot-1", 9, material=LEAD),))
    late, early = Yard(), Yard()

    late.react(*in_order(*lots, unloading()))
    early.react(*in_order(unloading(), *lots))

    assert late.journal.verdicts == early.journal.verdicts
    assert [each.leg for each in late.journal.verdicts] == [1, 2]
    assert judged(late) == judged(early) != {}


def test_the_way_to_the_store_is_judged_by_the_law_of_its_own_day():
    new_year = datetime(2024, 12, 31, 16, 0, tzinfo=UTC)
    (weighed,) = history((lot("lot-1", 9, material=LEAD, condition="intact"),))
    put_down = unloading().model_copy(update={"unloaded_at": new_year})
    yard = Yard()

    yard.react(*in_order(at(weighed, new_year - timedelta(hours=3)), put_down))
    first, second = (each.verdict for each in yard.journal.verdicts)

    assert [str(first.on), str(second.on)] == ["2024-12-31", "2025-01-01"]
    assert first.facts == second.facts
    assert first.table == second.table == TABLE.version


def test_a_repeat_changes_nothing():
    events = in_order(*history((lot("lot-1", 9, material=LEAD),)))
    yard = Yard()
    yard.react(*events)
    first = yard.journal

    yard.react(*events)

    assert yard.journal == first


def test_nothing_is_known_of_a_vehicle_if_the_city_does_not_say():
    said = ["rain-proof", "leak-proof", "spill-proof", "sorting-rules", "licensed"]
    shown = TrackingSettings(collection_vehicles=tuple(said))

    assert judging_of(TrackingSettings()).vehicle == NOT_KNOWN
    assert judging_of(shown).vehicle == LegVehicle(True, True, True, True, True)

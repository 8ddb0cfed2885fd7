import json

import pytest

from services.volumes.adapters.wire import GRAMS_MAX, LOTS_MAX, count, lots_total, numbered
from services.volumes.application.intake import OutOfOrder, PartitionIntake
from services.volumes.domain.delta import Position
from services.volumes.domain.sums import hour_of_instant
from shared.kernel.errors import Invalid
from tests.unit.volumes.records import AT, COMMUNITY, Raw, corrected, lot, raw, weighed

ROW = (COMMUNITY, hour_of_instant(AT))


def counted(*records):
    intake = PartitionIntake(0, Position())
    for record in records:
        count(record, intake)
        intake.next_offset = record.offset + 1
    return intake


def test_sums_lots_of_one_material_and_grade():
    intake = counted(weighed(0, 1200, 800), weighed(1, 500))

    assert intake.sums == {ROW: {"cardboard|A": [2500, 3]}}


def test_a_correction_changes_the_hour_of_the_first_weighing_by_the_difference():
    intake = counted(weighed(0, 1200), corrected(1, before=[1200], after=[1000, 150]))

    assert intake.sums == {ROW: {"cardboard|A": [1150, 2]}}


def test_counts_a_resent_sequence_once():
    intake = counted(weighed(0, 700), weighed(1, 700, sequence=1))

    assert intake.sums == {ROW: {"cardboard|A": [700, 1]}}
    assert intake.duplicates == 1


def test_stops_on_a_missing_sequence():
    with pytest.raises(OutOfOrder):
        counted(weighed(0, 700), weighed(1, 700, sequence=3))


def test_stops_where_one_sequence_names_two_events():
    other = weighed(1, 700, sequence=1)
    other.headers = (("ce_id", b"another"), *other.headers[1:])

    with pytest.raises(OutOfOrder):
        counted(weighed(0, 700), other)


def test_takes_a_delta_that_begins_where_the_last_one_ended():
    intake = counted(weighed(0, 700))
    first = intake.take()
    count(weighed(1, 300), intake)
    intake.next_offset = 2

    second = intake.take()

    assert (first.n, first.first_offset, first.next_offset) == (1, 0, 1)
    assert (second.n, second.first_offset, second.next_offset) == (2, 1, 2)
    assert second.sums == {ROW: {"cardboard|A": [300, 1]}}


def test_takes_nothing_where_nothing_came():
    assert PartitionIntake(0, Position(4, 9, 9, "x")).take() is None


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (b"{", "contract.not_json"),
        (b"\xff\xfe", "contract.not_json"),
        (b"{}", "contract.invalid_data"),
        (b'{"community_code":1,"weighed_at":"x","lots":[]}', "contract.invalid_data"),
        (b'{"community_code":"c","weighed_at":"noon","lots":[]}', "contract.invalid_data"),
        (b"null", "contract.invalid_data"),
        (None, "contract.tombstone"),
        (b" " * 1_000_001, "contract.too_large"),
    ],
)
def test_refuses_what_breaks_the_contract_and_counts_nothing(value, code):
    record = weighed(0, 5)
    intake = PartitionIntake(0, Position())

    with pytest.raises(Invalid) as refused:
        count(Raw(0, value, record.headers), intake)

    assert refused.value.code == code
    assert not any(intake.sums.values())


def weighing(**changes):
    """The value of a weigh-in with a part that breaks the contract."""
    whole = {"community_code": COMMUNITY, "weighed_at": AT, "lots": [lot(5), lot(7)]}
    return json.dumps({**whole, **changes}).encode()


BROKEN = {
    "a field's name with a dot": weighing(lots=[lot(5), lot(5, "a.b")]),
    "a field's name with a dollar": weighing(lots=[lot(5), lot(5, "$inc")]),
    "no name": weighing(lots=[lot(5), lot(5, "")]),
    "a separator": weighing(lots=[lot(5, "a|b")]),
    "a letter that is not ASCII": weighing(lots=[lot(5, "纸")]),
    "another grade": weighing(lots=[lot(5), lot(5, grade="D")]),
    "more grams than the database counts": weighing(lots=[lot(5), lot(10**30)]),
    "more grams than a vehicle carries": weighing(lots=[lot(GRAMS_MAX + 1)]),
    "negative grams": weighing(lots=[lot(-1)]),
    "half a gram": weighing(lots=[lot(0.5)]),
    "too many lots": weighing(lots=[lot(1)] * (LOTS_MAX + 1)),
    "a code of letters": weighing(community_code="fuzhou-gulou"),
    "digits that are not ASCII": weighing(community_code="٣" * 12),
    "an instant without an offset": weighing(weighed_at="2026-11-24T02:15:00"),
    "an instant before all time": weighing(weighed_at="0001-01-01T00:00:00+08:00"),
    "an instant after all time": weighing(weighed_at="9999-12-31T23:59:59-08:00"),
}


@pytest.mark.parametrize("value", BROKEN.values(), ids=BROKEN)
def test_a_poisonous_record_is_refused_whole(value):
    record = Raw(0, value, weighed(0, 5).headers)
    intake = PartitionIntake(0, Position())

    with pytest.raises(Invalid) as refused:
        count(record, intake)

    assert refused.value.code == "contract.invalid_data"
    assert not any(intake.sums.values())
    with pytest.raises(Invalid):
        lots_total(record.headers, value)


@pytest.mark.parametrize(
    "value", [None, b"", b"-1", b"+1", b"1_0", b" 1", b"0", b"9" * 19, b"\xff"]
)
def test_a_sequence_that_is_none_is_no_step(value):
    record = weighed(0, 5)
    record.headers = (("ce_sequence", value), *(h for h in record.headers if h[0] != "ce_sequence"))
    intake = PartitionIntake(0, Position())

    with pytest.raises(Invalid) as refused:
        count(record, intake)
    intake.passed_over(*numbered(dict(record.headers)))

    assert refused.value.code == "contract.missing_header"
    assert intake.last_sequence == 0


@pytest.mark.parametrize("name", ["ce_id", "ce_type"])
def test_a_header_without_a_value_is_one_that_is_missing(name):
    record = weighed(0, 5)
    record.headers = tuple((n, None if n == name else v) for n, v in record.headers)

    with pytest.raises(Invalid) as refused:
        counted(record)

    assert refused.value.code == "contract.missing_header"


def test_without_a_recording_time_it_is_counted_all_the_same():
    record = weighed(0, 5)
    record.headers = tuple((n, None if n == "ce_recordedtime" else v) for n, v in record.headers)

    assert counted(record).events == 1


def test_goes_on_behind_a_buried_event():
    intake = PartitionIntake(0, Position())
    broken = Raw(0, b"{", weighed(0, 5).headers)
    with pytest.raises(Invalid):
        count(broken, intake)

    intake.passed_over(*numbered(dict(broken.headers)))
    count(weighed(1, 400), intake)

    assert intake.sums[ROW] == {"cardboard|A": [400, 1]}


def test_refuses_a_type_of_another_house():
    with pytest.raises(Invalid) as refused:
        counted(raw(0, "com.example.other", {}))

    assert refused.value.code == "contract.unknown_type"


def test_passes_by_events_that_carry_no_lots():
    intake = counted(raw(0, "recycling.pickup.booked.v1", {}), weighed(1, 10))

    assert intake.take().events == 2

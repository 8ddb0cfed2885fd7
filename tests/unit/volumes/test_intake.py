import pytest

from services.volumes.adapters.wire import count
from services.volumes.application.intake import OutOfOrder, PartitionIntake
from services.volumes.domain.delta import Position
from services.volumes.domain.sums import hour_of_instant
from shared.kernel.errors import Invalid
from tests.unit.volumes.records import AT, COMMUNITY, Raw, corrected, raw, weighed

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


def test_goes_on_behind_a_buried_event():
    intake = PartitionIntake(0, Position())
    broken = Raw(0, b"{", weighed(0, 5).headers)
    with pytest.raises(Invalid):
        count(broken, intake)

    intake.passed_over(broken.headers)
    count(weighed(1, 400), intake)

    assert intake.sums[ROW] == {"cardboard|A": [400, 1]}


def test_refuses_a_type_of_another_house():
    with pytest.raises(Invalid) as refused:
        counted(raw(0, "com.example.other", {}))

    assert refused.value.code == "contract.unknown_type"


def test_passes_by_events_that_carry_no_lots():
    intake = counted(raw(0, "recycling.pickup.booked.v1", {}), weighed(1, 10))

    assert intake.take().events == 2

"""What nobody can apply is kept once, blocks nobody, and counts once when it is replayed."""

import pytest

from shared.contracts.codec import wire_headers
from shared.messaging.ports_in import OwnershipLost, TooManyLetters
from tests.fakes.counters import Added, announce
from tests.fakes.reactions import CountingHouse

WHOLE = announce(Added("a", 0)).headers
EARLY = "0001-01-01T00:00:00+14:00"


def headers(sequence=b"1", **changed):
    """Return a good event's wire headers, but for what is changed; None leaves one out."""
    whole = {**WHOLE, **{f"ce_{name}": text for name, text in changed.items()}}
    kept = {name: text for name, text in whole.items() if text is not None}
    return [*wire_headers(kept, sequence=0)[:-1], ("ce_sequence", sequence)]


POISON = [
    (b"{", headers(), "contract.not_json"),
    (b"\xff\xfe", headers(), "contract.not_json"),
    (b"{}", headers(), "contract.invalid_data"),
    (None, headers(), "contract.tombstone"),
    (b"[" * 500_000, headers(), "contract.not_json"),
    (b" " * 950_000, headers(), "contract.too_large"),
    (b"{}", headers(type="com.example.unknown.v1"), "contract.unknown_type"),
    (b"{}", headers(type=None), "contract.missing_header"),
    (b"{}", headers(time=None), "contract.missing_header"),
    (b"{}", headers(time="yesterday"), "contract.invalid_header"),
    (b"{}", headers(recordedtime=EARLY), "contract.invalid_header"),
    (b"{}", [("ce_sequence", b"1"), ("ce_id", b"\xff")], "contract.not_text"),
    (b"{}", headers(sequence=b"0"), "contract.missing_header"),
    (b"{}", headers(sequence=b""), "contract.missing_header"),
    (b"{}", headers(sequence=b"-1"), "contract.missing_header"),
    (b"{}", headers(sequence=b"9" * 40), "contract.missing_header"),
    (b"{}", [], "contract.missing_header"),
]


@pytest.fixture
def house():
    return CountingHouse()


@pytest.mark.parametrize(("value", "wire", "code"), POISON)
def test_poison_is_kept_once_and_the_next_event_counts(house, value, wire, code):
    house.put(value, wire)
    numbered = dict(wire).get("ce_sequence") == b"1"
    house.write("a", sequence=2 if numbered else 1)

    house.runner.run_round()
    house.restart()
    house.runner.run_round()

    assert house.totals()["a"] == 1
    assert house.codes() == [code]


def test_a_refused_event_is_buried_and_the_others_count(house):
    house.refused = {"bad"}
    for name in ("a", "bad", "a"):
        house.write(name)

    house.runner.run_round()

    assert house.totals() == {"a": 2}
    assert house.codes() == ["counter.refused"]


def test_of_several_entities_only_the_refused_one_waits(house):
    house.refused = {"bad"}
    house.write("a:bad:b")

    house.runner.run_round()
    assert house.totals() == {"a": 1, "b": 1}

    house.refused = set()
    house.replay_all()
    assert house.totals() == {"a": 1, "b": 1, "bad": 1}


def test_a_bug_stops_the_process_and_is_buried_at_its_third_crash(house):
    house.broken = {"bad"}
    for name in ("a", "bad", "a"):
        house.write(name)

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            house.runner.run_round()
        house.restart()
    house.runner.run_round()

    assert house.totals() == {"a": 2}
    assert house.codes() == ["bug"]


def test_a_bug_in_naming_the_entities_is_buried_at_its_third_crash(house):
    house.unnamed = True
    house.write("a")

    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            house.runner.run_round()
        house.restart()
    house.runner.run_round()
    house.unnamed = False
    house.replay_all()

    assert house.codes() == ["bug"]
    assert house.totals() == {"a": 1}


def test_a_letter_decides_even_where_the_cursor_was_not_moved(house):
    house.refused = {"late"}
    house.write("late")
    house.write("dies")
    house.broken = {"dies"}
    with pytest.raises(ZeroDivisionError):  # after the burial, before the cursor
        house.runner.run_round()

    house.refused = house.broken = set()
    house.restart()
    house.runner.run_round()
    assert house.totals() == {"dies": 1}

    house.replay_all()
    assert house.totals() == {"dies": 1, "late": 1}


def test_a_letter_that_is_replayed_before_the_cursor_moves_counts_once(house):
    house.refused = {"late"}
    house.write("late")
    house.write("dies")
    house.broken = {"dies"}
    with pytest.raises(ZeroDivisionError):
        house.runner.run_round()

    house.refused = house.broken = set()
    house.restart()
    house.replay_all()
    house.runner.run_round()

    assert house.totals() == {"dies": 1, "late": 1}


def test_a_replayed_letter_counts_once_however_often_it_is_asked_for(house):
    house.refused = {"late"}
    house.write("late")
    house.runner.run_round()
    house.refused = set()

    for _ in range(3):
        house.replay_all()

    assert house.totals() == {"late": 1}
    assert house.letters.waiting() == 0


def test_a_letter_that_is_refused_again_waits_on(house):
    house.refused = {"late"}
    house.write("late")
    house.runner.run_round()

    house.replay_all()

    assert house.letters.waiting() == 1
    assert house.letters.wanted_back() == []


def test_a_replay_that_crashes_stops_the_process_once_not_for_ever(house):
    house.refused = {"late"}
    house.write("late")
    house.runner.run_round()
    house.refused, house.broken = set(), {"late"}

    with pytest.raises(ZeroDivisionError):
        house.replay_all()

    assert house.letters.wanted_back() == []
    assert house.letters.waiting() == 1


def test_too_many_letters_stop_the_group_and_a_replay_frees_it():
    house = CountingHouse(ceiling=2)
    house.refused = {"bad"}
    for _ in range(3):
        house.write("bad")
    with pytest.raises(TooManyLetters):
        house.runner.run_round()

    house.refused = set()
    house.restart()
    house.replay_all()
    house.runner.run_round()

    assert house.totals() == {"bad": 3}


def test_a_former_owner_buries_nothing(house):
    first = house.write("a")
    house.runner.run_round()
    house.cursors.claim(first.topic, 0)
    house.refused = {"bad"}
    house.write("bad")

    with pytest.raises(OwnershipLost):
        house.runner.run_round()

    assert house.codes() == []

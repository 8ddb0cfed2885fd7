"""Generations in MongoDB: which one is read, comparing two, switching, and what the books show."""

from datetime import UTC, datetime

import pytest

from shared.kernel.errors import Conflict
from shared.messaging.generations import activate, active_generation, of_generation
from shared.messaging.marks import Mark
from shared.messaging.ports import EntityChange
from shared.messaging.quiet import QuietAggregates
from shared.messaging.reaction_rebuild import forget_generation
from shared.messaging.rebuild_role import Rebuildable, run_rebuild
from shared.messaging.rebuilding import Comparison, Positions, compare_documents, rebuild
from shared.messaging.reconciliation import reconcile
from tests.fakes.counters import Counter, announce


def total_of(document):
    return document["total"]


def test_the_first_generation_is_read_until_another_is_active(fresh_database):
    assert active_generation(fresh_database, "g") == 1

    activate(fresh_database, "g", instead_of=1, to=2)

    assert active_generation(fresh_database, "g") == 2
    assert active_generation(fresh_database, "other") == 1
    assert [of_generation("rows", n) for n in (1, 2)] == ["rows", "rows_2"]


@pytest.mark.parametrize("expected", [1, 3])
def test_a_switch_by_somebody_else_is_not_undone(fresh_database, expected):
    activate(fresh_database, "g", instead_of=1, to=2)

    with pytest.raises(Conflict) as refused:
        activate(fresh_database, "g", instead_of=expected, to=9)

    assert refused.value.code == "generation.changed"
    assert active_generation(fresh_database, "g") == 2


@pytest.mark.parametrize(
    ("present", "rebuilt", "differing"),
    [
        ({}, {}, []),
        ({"a": 1, "b": 2}, {"a": 1, "b": 2}, []),
        ({"a": 1, "b": 2}, {"a": 1, "b": 3}, ["b"]),
        ({"a": 1, "c": 2}, {"b": 1, "c": 2}, ["a", "b"]),
        ({"a": 1}, {"a": 1, "z": 2}, ["z"]),
        ({"a": 1, "z": 2}, {}, ["a", "z"]),
    ],
)
def test_compares_what_either_generation_has(fresh_database, present, rebuilt, differing):
    for name, totals in (("one", present), ("two", rebuilt)):
        fresh_database.create_collection(name)
        for key, total in totals.items():
            fresh_database[name].insert_one({"_id": key, "total": total, "write": name})

    found = compare_documents(fresh_database["one"], fresh_database["two"], look=total_of)

    assert (found.differing, list(found.shown)) == (len(differing), differing)
    assert found.documents == len(present.keys() | rebuilt.keys())


def test_a_second_set_of_books_announces_nothing(fresh_database):
    quiet = QuietAggregates(
        fresh_database["counters_2"], kind="counter", state_type=Counter, announce=announce
    )

    quiet.apply([EntityChange("c", Mark("r", 1), lambda held: (held or Counter("c")).add())])

    assert quiet.get("c").state.total == 1
    assert fresh_database["counters_2"].find_one()["outbox"] == []


def cursor(database, *, generation, last_sequence):
    database["cursors"].insert_one(
        {
            "group": "g",
            "generation": generation,
            "topic": "t",
            "partition": 0,
            "last_sequence": last_sequence,
            "duplicates": 0,
        }
    )


def letter(database, *, generation):
    held = {"group": "g", "generation": generation, "replayed_at": None, "at": datetime.now(UTC)}
    database["dead_letters"].insert_one(held)


def test_the_books_show_the_generation_that_is_read(fresh_database):
    for generation, last in ((1, 7), (2, 5)):
        cursor(fresh_database, generation=generation, last_sequence=last)
        letter(fresh_database, generation=generation)
    letter(fresh_database, generation=2)

    before = reconcile(fresh_database, collections=())
    activate(fresh_database, "g", instead_of=1, to=2)
    after = reconcile(fresh_database, collections=())

    assert [each["last_sequence"] for each in before["applied"]] == [7]
    assert [each["last_sequence"] for each in after["applied"]] == [5]
    assert (before["dead_letters"], after["dead_letters"]) == ({"g": 1}, {"g": 2})


def test_forgetting_a_generation_leaves_the_others(fresh_database):
    for generation in (1, 2):
        cursor(fresh_database, generation=generation, last_sequence=1)
        letter(fresh_database, generation=generation)
        fresh_database["crashes"].insert_one({"_id": f"g@{generation}|t|0|7"})
        fresh_database[of_generation("stops", generation)].insert_one({})

    forget_generation(fresh_database, "g", generation=2, collection="stops_2")

    for name in ("cursors", "dead_letters"):
        assert [held["generation"] for held in fresh_database[name].find()] == [1]
    assert [held["_id"] for held in fresh_database["crashes"].find()] == ["g@1|t|0|7"]
    assert fresh_database["stops_2"].count_documents({}) == 0
    assert fresh_database["stops"].count_documents({}) == 1


class FakeRebuilding:
    """Catches up after three steps; the present generation moves on as `moves` says."""

    def __init__(self, *, differing=0, moves=()):
        self.steps = 0
        self.differing = differing
        self.moves = list(moves)
        self.compared_at = []
        self.present = 10

    def advance(self):
        self.steps += 1
        return self.steps >= 3

    def positions(self):
        found = Positions({"t/0": self.present}, {"t/0": min(self.steps * 5, 10)})
        if self.steps >= 3 and self.moves:
            self.present = self.moves.pop(0)
        return found

    def compare(self):
        self.compared_at.append(self.present)
        return Comparison(4, self.differing, ("a",) if self.differing else ())


def test_compares_when_both_stand_at_the_same_events():
    work = FakeRebuilding()

    found = rebuild(work, say=lambda _: None)

    assert (found, work.compared_at) == (Comparison(4, 0, ()), [10])


def test_a_comparison_during_which_events_came_is_made_again():
    work = FakeRebuilding(moves=[11, 11, 10, 10, 10])

    assert rebuild(work, say=lambda _: None) == Comparison(4, 0, ())
    assert work.compared_at == [11, 10]


def test_without_a_present_worker_nothing_is_compared():
    work = FakeRebuilding()
    work.present = 7

    assert rebuild(work, say=lambda _: None, within_s=0.05) is None
    assert work.compared_at == []


class House:
    def __init__(self, database, **options):
        self.database = database
        self.forgotten = []
        self.begun = []
        self.what = Rebuildable(database, "g", self.begin, self.forgotten.append, **options)
        self.work = FakeRebuilding()

    def begin(self, present, rebuilt):
        self.begun.append((present, rebuilt))
        return self.work

    def run(self, *words):
        return run_rebuild(self.what, frozenset(words)), active_generation(self.database, "g")


def test_an_equal_rebuild_becomes_active(fresh_database):
    house = House(fresh_database)

    assert house.run() == (0, 2)
    assert (house.begun, house.forgotten) == ([(1, 2)], [])


def test_a_different_rebuild_becomes_active_only_where_that_is_accepted(fresh_database, capsys):
    house = House(fresh_database)
    house.work.differing = 1

    assert house.run() == (1, 1)
    assert "1 of 4 documents differ, among them a" in capsys.readouterr().out
    assert house.run("accept-differences") == (0, 2)


def test_a_fresh_rebuild_drops_what_an_earlier_one_left(fresh_database):
    house = House(fresh_database)

    house.run("fresh")

    assert house.forgotten == [2]


def test_one_can_go_back_but_not_before_the_first(fresh_database):
    house = House(fresh_database)
    house.run()

    assert house.run("back") == (0, 1)
    assert house.run("back") == (1, 1)
    assert len(house.begun) == 1


def test_an_audit_never_becomes_active_and_leaves_nothing(fresh_database):
    house = House(fresh_database, replaces=False)

    assert house.run() == (0, 1)
    house.work.differing = 1
    assert house.run("accept-differences") == (1, 1)
    assert house.forgotten == [2, 2, 2, 2]

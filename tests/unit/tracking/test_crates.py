"""Crates of parties: whatever is told in whatever order, no piece appears or is lost."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.tracking.application.crate_desk import CrateDesk, limit_crates, move_crates
from services.tracking.domain.crates import (
    FROM_THE_FUTURE,
    OVER_BOOK,
    OVER_LIMIT,
    OVER_LOST,
    Act,
    CrateMove,
    CrateMovement,
    Limit,
    Line,
    PartyCrates,
    entry_of,
)
from services.tracking.entrypoints.crate_reactions import crate_reaction
from shared.kernel.aggregate import Answer, Request
from shared.kernel.clock import ManualClock
from shared.kernel.errors import Invalid, Stale
from shared.kernel.ledger import balances
from shared.messaging.reactions import sequence_mark
from shared.reference.crate_types import crate_type
from tests.unit.tracking.builders import LATER, WEIGHED_AT, event_of, in_memory

CRATE, BAG = "crate-60l", "parcel-bag"
LIMIT = 20


def request(scope):
    return Request(scope, scope, lambda stored: Answer(200, f"{stored.state.step}".encode()))


class Pool:
    """Parties in memory, and the reaction to what they announce."""

    def __init__(self):
        self.parties = in_memory("party_crates", PartyCrates)
        self.movements = in_memory("crate_movement", CrateMovement)
        self.desk = CrateDesk(self.parties, lambda _code, _on: LIMIT, ManualClock(LATER))
        self._reaction = crate_reaction(self.movements)

    def do(self, act, pieces, *, party="p-1", kind=CRATE, grade="A", to=None, key=None):
        key = key or f"{act}-{pieces}-{party}-{kind}-{grade}-{to}-{len(self.parties.announced)}"
        line = Line(kind, grade, pieces, to or grade)
        move = CrateMove(key, act, party, (line,), "usual", WEIGHED_AT, LATER)
        return move_crates(move, desk=self.desk, request=request(key)).state

    def post(self, numbers=None):
        """Let events come back: all in order, or those of the numbers, in that order."""
        events = self.parties.announced
        last = Counter()
        for number in numbers if numbers is not None else range(len(events)):
            made = events[number]
            sequence = [each for each in events if each.partition == made.partition].index(made) + 1
            last[made.partition] = max(last[made.partition], sequence)
            event = event_of(made, sequence=sequence)
            self._reaction.apply([event], sequence_mark("tracking-crates", 1))

    def ledger(self):
        ids = {event_of(each).data.movement_id for each in self.parties.announced}
        found = self.movements.get_many(ids).values()
        return balances(entry for each in found for entry in each.state.entries)


def held(state):
    return {(each.crate_type, each.grade): each.pieces for each in state.held}


def test_crates_go_out_come_back_worn_are_lost_and_found():
    pool = Pool()
    pool.do(Act.ISSUE, 10)
    pool.do(Act.RETURN, 3, to="B")
    pool.do(Act.REGRADE, 2, to="C")
    pool.do(Act.LOSE, 4)
    state = pool.do(Act.FIND, 1)
    pool.post()

    sums = {account: pieces for (account, _), pieces in pool.ledger().items() if pieces}
    assert held(state) == {(CRATE, "A"): 2, (CRATE, "C"): 2}
    assert sums == {
        "crate-pool/A": -10,
        "crate-pool/B": 3,
        "crates/p-1/A": 2,
        "crates/p-1/C": 2,
        "crate-loss/p-1/A": 3,
    }


@pytest.mark.parametrize(
    ("steps", "flag"),
    [
        ([(Act.ISSUE, LIMIT + 1)], OVER_LIMIT),
        ([(Act.RETURN, 1)], OVER_BOOK),
        ([(Act.ISSUE, 2), (Act.LOSE, 3)], OVER_BOOK),
        ([(Act.FIND, 1)], OVER_LOST),
    ],
)
def test_what_does_not_fit_the_books_happened_and_is_flagged(steps, flag):
    pool = Pool()
    for act, pieces in steps:
        state = pool.do(act, pieces)

    assert state.last.flags == (flag,)
    assert state.step == len(steps)


@pytest.mark.parametrize(("ahead_s", "flags"), [(300, ()), (301, (FROM_THE_FUTURE,))])
def test_what_is_still_to_come_by_its_own_clock_is_flagged(ahead_s, flags):
    happened_at = LATER + timedelta(seconds=ahead_s)
    lines = (Line(CRATE, "A", 1, "A"),)
    move = CrateMove("m-1", Act.ISSUE, "p-1", lines, "usual", happened_at, LATER)

    (told,) = PartyCrates("p-1").move(move, limits={CRATE: LIMIT}).events

    assert told.flags == flags


def test_a_party_may_hold_more_where_a_limit_says_so():
    pool = Pool()
    limits = [Limit(CRATE, LIMIT + 5)]
    limit_crates("p-1", limits, expected_version=None, desk=pool.desk, request=request("limit"))

    flags = [pool.do(Act.ISSUE, pieces).last.flags for pieces in (LIMIT + 5, 1)]

    assert flags == [(), (OVER_LIMIT,)]


def test_a_limit_is_set_for_the_version_that_was_seen():
    pool = Pool()
    with pytest.raises(Stale):
        limit_crates("p-1", [], expected_version=1, desk=pool.desk, request=request("limit"))


@pytest.mark.parametrize(
    ("act", "lines", "code"),
    [
        (Act.ISSUE, (), "crates.lines"),
        (Act.ISSUE, (Line(CRATE, "A", 1, "A"), Line(CRATE, "A", 2, "A")), "crates.lines"),
        (Act.ISSUE, (Line(CRATE, "A", 0, "A"),), "crates.pieces"),
        (Act.REGRADE, (Line(CRATE, "A", 1, "A"),), "crates.grade"),
    ],
)
def test_refuses_what_cannot_be(act, lines, code):
    pool = Pool()
    move = CrateMove("m-1", act, "p-1", lines, "usual", WEIGHED_AT, LATER)

    with pytest.raises(Invalid) as refused:
        move_crates(move, desk=pool.desk, request=request("m-1"))

    assert refused.value.code == code


def test_a_type_has_its_limit_and_deposit_by_the_day():
    held_ = crate_type(CRATE, on=LATER.date())

    assert (held_.deposit_fen > 0, held_.limit_pieces > 0) == (True, True)
    with pytest.raises(Invalid):
        crate_type("no-such-crate", on=LATER.date())
    with pytest.raises(Invalid):
        crate_type(CRATE, on=held_.period.valid_from - timedelta(days=1))


STEPS = st.tuples(
    st.sampled_from(list(Act)),
    st.integers(1, 9),
    st.sampled_from(["p-1", "p-2"]),
    st.sampled_from([CRATE, BAG]),
    st.sampled_from("AB"),
)
OTHER = {"A": "B", "B": "A"}


@settings(max_examples=300, deadline=None)
@given(st.lists(STEPS, max_size=14), st.data())
def test_each_type_sums_to_zero_and_nobody_is_negative_without_a_flag(steps, data):
    pool = Pool()
    moves = [(f"m-{number}", step) for number, step in enumerate(steps)]
    told = data.draw(st.permutations([*moves, *moves[::2]]))  # repeats come anywhere

    for key, (act, pieces, party, kind, grade) in told:
        to = OTHER[grade] if act is Act.REGRADE else None
        state = pool.do(act, pieces, party=party, kind=kind, grade=grade, to=to, key=key)
        negative = any(each.pieces < 0 for each in state.held)
        was_flagged = any(OVER_BOOK in event_of(e).data.flags for e in pool.parties.announced)
        assert not negative or was_flagged
    count = len(pool.parties.announced)
    pool.post([*range(count), *range(0, count, 2)])

    by_type, by_party = Counter(), Counter()
    for (account, unit), pieces in pool.ledger().items():
        by_type[unit.kind] += pieces
        if account.startswith("crates/"):
            _, party, grade = account.split("/")
            by_party[party, unit.kind, grade] += pieces
    documents = Counter()
    for party, stored in pool.parties.get_many(["p-1", "p-2"]).items():
        for (kind, grade), pieces in held(stored.state).items():
            documents[party, kind, grade] += pieces
    assert count == len(moves)
    assert not any(by_type.values())
    assert {k: n for k, n in by_party.items() if n} == {k: n for k, n in documents.items() if n}


def test_each_entry_of_a_movement_balances():
    lines = (Line(CRATE, "A", 3, "B"), Line(BAG, "A", 2, "A"))
    for act in Act:
        entry = entry_of(CrateMove("m-1", act, "p-1", lines, "usual", WEIGHED_AT, LATER))

        assert sum(each.amount for each in entry.postings) == 0
        assert entry.at == WEIGHED_AT

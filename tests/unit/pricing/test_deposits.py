"""Deposits on crates: charged for what a party comes to hold, given back for what it returns."""

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.pricing.domain.deposit import Deposit, deposit_id
from services.pricing.entrypoints.deposit_reactions import deposit_reaction
from shared.contracts import crate as contract
from shared.contracts.codec import RawRecord, decode, encode, wire_headers
from shared.kernel.errors import Invalid
from shared.kernel.ledger import balances
from shared.messaging.in_memory import InMemoryAggregates
from shared.messaging.reactions import sequence_mark
from tests.unit.pricing.builders import NOW, WEIGHED_AT

CRATE, BAG, PARTY = "crate-60l", "parcel-bag", "organisation-7"
PAYLOADS = {
    "issued": contract.CratesIssued,
    "returned": contract.CratesReturned,
    "lost": contract.CratesLost,
    "found": contract.CratesFound,
}


def silent(event):
    raise AssertionError(event)


class Till:
    """Pricing's reaction to crates, with a rate that the test sets."""

    def __init__(self, rate_fen=3_000):
        self.rate_fen = rate_fen
        self.deposits = InMemoryAggregates(kind="deposit", state_type=Deposit, announce=silent)
        self._reaction = deposit_reaction(self.deposits, rate=lambda _code, _on: self.rate_fen)
        self.sequence = 0

    def tell(self, act, *lines, times=1):
        self.sequence += 1
        payload = PAYLOADS[act](
            party_id=PARTY,
            movement_id=f"m-{self.sequence}",
            step=self.sequence,
            lines=tuple(
                contract.CrateLine(crate_type=kind, grade=grade, pieces=pieces)
                for kind, grade, pieces in lines
            ),
            reason="usual",
            moved_at=WEIGHED_AT,
        )
        made = encode(payload, key=PARTY, subject=PARTY, time=NOW, source="greenloop/test")
        headers = wire_headers(made.headers, sequence=self.sequence)
        record = RawRecord(
            made.topic, made.partition, self.sequence - 1, PARTY.encode(), made.value, headers
        )
        for _ in range(times):
            self._reaction.apply([decode(record)], sequence_mark("pricing-deposits", 1))

    def deposit(self, kind=CRATE):
        return self.deposits.get(deposit_id(PARTY, kind)).state

    def ledger(self, kind=CRATE):
        sums = Counter()
        for (account, _), amount in balances(self.deposit(kind).entries).items():
            sums[account.partition("/")[0]] += amount
        return {name: amount for name, amount in sums.items() if amount}


def test_a_deposit_is_charged_once_over_grades_and_refunded_for_what_comes_back():
    till = Till()
    till.tell("issued", (CRATE, "A", 6), (CRATE, "B", 4), (BAG, "A", 2), times=3)
    charged = till.ledger()
    till.tell("returned", (CRATE, "A", 3), times=2)

    assert charged == {"receivable": 30_000, "deposits": -30_000}
    assert till.ledger() == {"receivable": 21_000, "deposits": -21_000}
    assert till.ledger(BAG) == {"receivable": 6_000, "deposits": -6_000}


def test_a_lost_crates_deposit_is_forfeited_and_held_again_when_it_is_found():
    till = Till()
    till.tell("issued", (CRATE, "A", 10))
    till.tell("lost", (CRATE, "A", 4))
    lost = till.ledger()
    till.tell("found", (CRATE, "A", 4))

    assert lost == {"receivable": 30_000, "deposits": -18_000, "forfeited": -12_000}
    assert till.ledger() == {"receivable": 30_000, "deposits": -30_000}


def test_a_new_rate_changes_nothing_of_what_is_out():
    till = Till(rate_fen=3_000)
    till.tell("issued", (CRATE, "A", 2))
    till.rate_fen = 5_001
    till.tell("issued", (CRATE, "A", 1))
    held = till.deposit().held_fen
    till.tell("returned", (CRATE, "A", 1))
    till.tell("returned", (CRATE, "A", 2))

    assert held == 11_001
    assert (till.deposit().held_fen, till.ledger()) == (0, {})


def test_more_back_than_went_out_gives_no_money_and_a_late_issue_takes_none():
    till = Till()
    till.tell("returned", (CRATE, "A", 5))
    till.tell("issued", (CRATE, "A", 5))

    assert (till.deposit().pieces, till.ledger()) == (0, {})


def test_an_unknown_type_is_refused_for_a_person():
    def rate(_code, _on):
        raise Invalid("crates.unknown_type", "not in the table")

    till = Till()
    till._reaction = deposit_reaction(till.deposits, rate=rate)

    with pytest.raises(Invalid):
        till.tell("issued", ("nothing", "A", 1))


STEPS = st.lists(st.tuples(st.sampled_from(sorted(PAYLOADS)), st.integers(1, 7)), max_size=20)


@settings(max_examples=300, deadline=None)
@given(STEPS)
def test_what_is_held_is_in_the_ledger_and_never_below_nothing(steps):
    till = Till()
    for act, pieces in steps:
        till.tell(act, (CRATE, "A", pieces), times=2)
        held, ledger = till.deposit(), Counter(till.ledger())
        assert (held.held_fen, held.forfeited_fen) == (-ledger["deposits"], -ledger["forfeited"])
        assert min(held.held_fen, held.forfeited_fen) >= 0
        assert held.pieces > 0 or held.held_fen == 0
        assert ledger["receivable"] == held.held_fen + held.forfeited_fen


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["issued", "returned"]), st.integers(1, 7)), max_size=12))
def test_issues_and_returns_end_alike_in_any_order(steps):
    till = Till()
    for act, pieces in steps:
        till.tell(act, (CRATE, "A", pieces))
    net = sum(pieces if act == "issued" else -pieces for act, pieces in steps)

    assert not steps or till.deposit().held_fen == 3_000 * max(net, 0)

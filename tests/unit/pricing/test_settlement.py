"""One settlement: settled, reversed and paid, in balanced entries."""

import pytest

from services.pricing.domain.settlement import Paid, Reversed, Settled, pay, settle, settle_waiting
from shared.kernel.errors import Conflict
from shared.kernel.ledger import FEN, balances
from tests.unit.pricing.builders import HOUSEHOLD, NOW, prices, weigh_in

PAYABLE = (f"payable/{HOUSEHOLD}", FEN)


def settled(*weigh_ins, by=None):
    held = None
    for each in weigh_ins:
        held, _ = settle(held, each, by or prices(), now=NOW)
    return held


def test_settles_every_lot_to_the_household():
    held, events = settle(None, weigh_in(10_000, 2_500), prices(), now=NOW)

    assert held.amount_fen == 1_500
    assert [line.amount_fen for line in held.lines] == [1_200, 300]
    assert balances(held.entries)[PAYABLE] == -1_500
    assert [type(each) for each in events] == [Settled]


def test_a_fee_is_owed_by_the_household():
    held = settled(weigh_in(2_000, material="glass"), by=prices(glass=-50))

    assert held.amount_fen == -100
    assert balances(held.entries)[PAYABLE] == 100


def test_a_correction_reverses_to_the_fen_and_settles_anew():
    held, events = settle(settled(weigh_in(10_000)), weigh_in(9_000, revision=2), prices(), now=NOW)

    assert [type(each) for each in events] == [Reversed, Settled]
    assert (events[0].revision, events[0].amount_fen) == (1, 1_200)
    assert (held.amount_fen, held.reversed_fen) == (1_080, 1_200)
    assert balances(held.entries)[PAYABLE] == -1_080
    assert held.entries[1].reverses == held.entries[0].id


def test_a_correction_to_nothing_takes_everything_back():
    held = settled(weigh_in(10_000), weigh_in(revision=2))

    assert held.amount_fen == 0
    assert balances(held.entries)[PAYABLE] == 0


@pytest.mark.parametrize("revision", [1, 2])
def test_passes_over_a_revision_that_is_not_newer(revision):
    held = settled(weigh_in(10_000), weigh_in(9_000, revision=2))

    assert settle(held, weigh_in(8_000, revision=revision), prices(), now=NOW) is None


def test_waits_unpriced_where_no_list_holds():
    held, events = settle(None, weigh_in(10_000), None, now=NOW)

    assert held.waiting == (weigh_in(10_000),)
    assert (held.revision, held.amount_fen, held.entries, events) == (0, 0, (), ())


def test_waits_unpriced_where_one_lot_has_no_price():
    held, _ = settle(None, weigh_in(10_000, material="glass"), prices(), now=NOW)

    assert held.waiting


def test_a_correction_without_a_price_waits_beside_what_is_settled():
    held, events = settle(settled(weigh_in(10_000)), weigh_in(9_000, revision=2), None, now=NOW)

    assert (held.revision, held.amount_fen, events) == (1, 1_200, ())
    assert held.waiting == (weigh_in(9_000, revision=2),)


def test_an_earlier_revision_does_not_replace_a_later_one_that_waits():
    waiting, _ = settle(None, weigh_in(9_000, revision=2), None, now=NOW)

    both, _ = settle(waiting, weigh_in(10_000), None, now=NOW)

    assert both.waiting == (weigh_in(10_000), weigh_in(9_000, revision=2))
    assert settle_waiting(both, None, now=NOW) is None
    assert settle_waiting(both, prices(), now=NOW)[0].amount_fen == 1_080


def test_an_earlier_revision_that_comes_late_is_booked_and_undone():
    later = settled(weigh_in(9_000, revision=2))

    held, events = settle(later, weigh_in(10_000), prices(), now=NOW)

    assert [type(each) for each in events] == [Settled, Reversed]
    assert [(each.settlement.revision) for each in events] == [1, 1]
    assert (events[0].settlement.amount_fen, events[1].amount_fen) == (1_200, 1_200)
    assert (held.revision, held.amount_fen, held.reversed_fen) == (2, 1_080, 1_200)
    assert balances(held.entries)[PAYABLE] == -1_080


def test_an_earlier_revision_that_never_had_a_price_is_nothing_to_undo():
    later = settled(weigh_in(9_000, revision=2))

    assert settle(later, weigh_in(10_000, material="glass"), prices(), now=NOW) is None


def test_pays_what_is_pending():
    held, events = pay(settled(weigh_in(10_000)), now=NOW)

    assert (held.paid_fen, held.pending_fen) == (1_200, 0)
    assert balances(held.entries)[PAYABLE] == 0
    assert [(type(each), each.amount_fen) for each in events] == [(Paid, 1_200)]


def test_pays_nothing_twice():
    held, _ = pay(settled(weigh_in(10_000)), now=NOW)

    with pytest.raises(Conflict) as refused:
        pay(held, now=NOW)

    assert refused.value.code == "settlement.nothing_pending"


def test_refuses_to_pay_what_is_not_priced():
    waiting, _ = settle(None, weigh_in(10_000), None, now=NOW)

    with pytest.raises(Conflict):
        pay(waiting, now=NOW)


def test_a_correction_after_a_payout_leaves_the_difference_pending():
    paid, _ = pay(settled(weigh_in(10_000)), now=NOW)

    lower, _ = settle(paid, weigh_in(9_000, revision=2), prices(), now=NOW)
    higher, _ = settle(paid, weigh_in(11_000, revision=2), prices(), now=NOW)

    assert (lower.pending_fen, balances(lower.entries)[PAYABLE]) == (-120, 120)
    assert (higher.pending_fen, balances(higher.entries)[PAYABLE]) == (120, -120)


def test_what_the_household_owes_is_not_paid_out():
    paid, _ = pay(settled(weigh_in(10_000)), now=NOW)
    owing, _ = settle(paid, weigh_in(9_000, revision=2), prices(), now=NOW)

    with pytest.raises(Conflict):
        pay(owing, now=NOW)


def test_two_payouts_are_two_entries():
    once, _ = pay(settled(weigh_in(10_000)), now=NOW)
    more, _ = settle(once, weigh_in(11_000, revision=2), prices(), now=NOW)

    twice, _ = pay(more, now=NOW)

    assert twice.paid_fen == 1_320
    assert len({each.id for each in twice.entries}) == len(twice.entries) == 5

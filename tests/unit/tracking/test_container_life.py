"""Sealing, custody and mishaps: what each act does, and what it refuses."""

from datetime import date, timedelta
from functools import partial

import pytest

from services.tracking.application.container_desk import make_ready
from services.tracking.domain import container_custody as custody
from services.tracking.domain import container_sealing as sealing
from services.tracking.domain.amounts import Amount
from services.tracking.domain.container import Reservation
from services.tracking.domain.container_states import (
    State,
)
from shared.contracts.container_life import ContainerSealed
from shared.kernel.clock import ManualClock
from shared.kernel.errors import Conflict, Invalid
from tests.unit.tracking.builders import (
    BY,
    LATER,
    LEAD,
    PICKUP,
    VEHICLE,
    WEIGHED_AT,
    container,
    history,
    lot,
    request,
)
from tests.unit.tracking.yard import Yard, desk_of

C1, C2 = Reservation("c-1", "c-1:1"), Reservation("c-2", "c-2:1")
NI_CD, NI_MH = "ni-cd-batteries", "nickel-metal-hydride-batteries"


def filled(**rest):
    yard = Yard(container(**rest))
    yard.tell(history((lot("lot-1", 9_000, material=LEAD, tag="GL-1"),))[0])
    return yard


def seal(gross_g=13_000, **rest):
    return partial(sealing.seal, weighing=sealing.Weighing(gross_g, "scale-1", **rest))


def reserve(reservation):
    return partial(custody.reserve, reservation=reservation)


def do(yard, *acts):
    for act in acts:
        held = yard.act("GL-1", act)
        yard.follow()
    return held


def refusal(yard, act):
    before = yard.containers.get("GL-1")
    with pytest.raises((Conflict, Invalid)) as refused:
        yard.act("GL-1", act)
    assert yard.containers.get("GL-1") == before
    return refused.value.code


DEPART = partial(custody.depart, holder="vehicle/carrier-1")
RECEIVE = partial(custody.receive, holder="party/smelter-1")
EMPTY = partial(custody.empty, holder=None)
LOSE = partial(custody.lose, reason="gone")
DAMAGE = partial(custody.damage, reason="dropped", overpack_tag="GL-9")
SHIPPED = (seal(), reserve(C1), DEPART, RECEIVE)


def test_the_whole_life_goes_round():
    yard = filled()

    do(yard, *SHIPPED, EMPTY, custody.clean)
    make_ready("GL-1", by=BY, desk=desk_of(yard, ManualClock(LATER)), request=request("r"))

    held = yard.container()
    assert (held.state, held.fill, held.content_g, held.seal) == (State.EMPTY, 2, 0, None)
    assert yard.balances_g()["party/smelter-1", LEAD] == 9_000
    assert yard.fills.fills["GL-1", 1].deposits[0].pickup_id == PICKUP


def test_content_moves_with_its_container_as_one():
    yard = filled()

    do(yard, seal(holder="place/outlet-1"))
    at_outlet = yard.balances_g()
    do(yard, reserve(C1), DEPART)
    on_the_road = yard.balances_g()

    assert at_outlet["place/outlet-1/container/GL-1", LEAD] == 9_000
    assert on_the_road["vehicle/carrier-1/container/GL-1", LEAD] == 9_000
    assert f"vehicle/{VEHICLE}/container/GL-1" not in {account for account, _ in on_the_road}


def test_a_received_one_goes_on_its_way_again():
    yard = filled()
    do(yard, *SHIPPED)

    passed = partial(custody.pass_on, hold_id="c-1:1", reservation=C2)
    held = do(yard, passed, DEPART)

    assert (held.state, held.reservation) == (State.IN_TRANSIT, C2)


def test_a_received_one_is_shipped_anew_after_its_consignment_let_it_go():
    yard = filled()
    do(yard, *SHIPPED, partial(custody.release, hold_id="c-1:1"))

    held = do(yard, reserve(C2), DEPART)

    assert (held.state, held.reservation) == (State.IN_TRANSIT, C2)


def test_a_reservation_is_one_consignments():
    yard = filled()
    do(yard, seal(), reserve(C1))

    assert refusal(yard, reserve(C2)) == "tracking.container_reserved"
    assert do(yard, reserve(C1)).reservation == C1


def test_a_repeated_reservation_and_release_change_nothing():
    yard = filled()
    do(yard, seal(), reserve(C1), reserve(C1))
    release = partial(custody.release, hold_id="c-1:1")

    do(yard, release)
    step = yard.container().step
    held = do(yard, release)

    assert (held.state, held.step) == (State.SEALED, step)


def test_a_hold_that_is_over_releases_nothing_of_a_later_one():
    yard = filled()
    do(yard, seal(), reserve(C1), partial(custody.release, hold_id="c-1:1"), reserve(C2))

    assert do(yard, partial(custody.release, hold_id="c-1:1")).reservation == C2


def test_nothing_departs_without_a_consignment():
    yard = filled()
    do(yard, *SHIPPED, partial(custody.release, hold_id="c-1:1"))

    assert refusal(yard, DEPART) == "tracking.not_reserved"


@pytest.mark.parametrize(
    ("gross_g", "code"),
    [(3_999, "tracking.below_tare"), (49_000_001, "mass.impossible"), (-1, "mass.impossible")],
)
def test_refuses_what_no_scale_can_say(gross_g, code):
    assert refusal(filled(), seal(gross_g)) == code


def test_too_heavy_a_container_is_sealed_and_flagged():
    yard = filled(limit_g=9_000)

    sealed = do(yard, seal(4_000 + 9_001))

    assert sealed.seal.flags == ("tracking.over_limit",)
    assert yard.told(ContainerSealed)[0].flags == ("tracking.over_limit",)


def test_a_seal_after_the_last_test_day_is_flagged():
    yard = filled(tested_until=date(2026, 11, 24))
    late = WEIGHED_AT + timedelta(days=1)

    sealed = yard.act("GL-1", seal(), at=late)

    assert sealed.seal.flags == ("tracking.test_expired",)


def test_the_second_seal_measures_against_what_the_first_one_found():
    yard = filled()
    opened = partial(sealing.open_up, reason="inspection")

    do(yard, seal(4_000 + 8_900), opened, sealing.resume, seal(4_000 + 8_800))

    assert yard.container().content_g == 8_800
    assert yard.balances_g()["difference/GL-1", LEAD] == 200
    assert [each.lots_g for each in yard.told(ContainerSealed)] == [9_000, 8_900]


def test_an_emptied_container_of_no_lots_has_a_material_for_what_the_scale_says():
    yard = filled()
    yard.tell(history((lot("lot-1", 9_000, material=LEAD, tag="GL-1"),), ())[1])

    sealed = do(yard, seal(4_050))

    assert sealed.content == (Amount(LEAD, 50),)


def test_a_damaged_one_travels_in_its_overpack_only():
    yard = filled()
    do(yard, seal(), partial(custody.damage, reason="dropped", overpack_tag=None))

    assert refusal(yard, reserve(C1)) == "tracking.no_overpack"
    held = do(yard, DAMAGE, reserve(C1), DEPART, RECEIVE, EMPTY)
    assert (held.state, held.damaged, held.content_g) == (State.EMPTIED, True, 0)


def test_a_damaged_one_is_retired_and_never_filled_again():
    yard = filled()
    do(yard, seal(), DAMAGE, EMPTY, custody.clean)
    desk = desk_of(yard, ManualClock(LATER))

    with pytest.raises(Conflict) as refused:
        make_ready("GL-1", by=BY, desk=desk, request=request("r"))
    held = do(yard, partial(custody.retire, reason="broken"))

    assert refused.value.code == "tracking.container_damaged"
    assert held.state is State.RETIRED


def test_one_whose_test_is_over_is_not_filled_again():
    yard = filled(tested_until=date(2026, 11, 24))
    do(yard, *SHIPPED, EMPTY, custody.clean)
    desk = desk_of(yard, ManualClock(LATER + timedelta(days=1)))

    with pytest.raises(Conflict) as refused:
        make_ready("GL-1", by=BY, desk=desk, request=request("r"))

    assert refused.value.code == "tracking.test_expired"


@pytest.mark.parametrize("acts", [(), (seal(),), (seal(), reserve(C1), DEPART), SHIPPED])
def test_a_lost_one_is_found_as_it_was(acts):
    yard = filled()
    before = do(yard, *acts).state if acts else yard.container().state

    do(yard, LOSE)
    found = do(yard, partial(custody.find, holder="place/outlet-1"))

    assert (found.state, found.holder) == (before, "place/outlet-1")
    assert yard.balances_g()["place/outlet-1/container/GL-1", LEAD] == 9_000


def test_a_lost_one_that_is_given_up_is_a_loss():
    yard = filled()

    gone = do(yard, seal(), LOSE, partial(custody.write_off, reason="search-ended"))

    assert (gone.state, gone.content_g) == (State.WRITTEN_OFF, 0)
    assert yard.balances_g()["loss/GL-1", LEAD] == 9_000


def test_what_is_done_is_kept_with_who_did_it():
    yard = filled()

    do(yard, seal(seal_number="S-1"), partial(sealing.open_up, reason="inspection"))

    deeds = [(deed.act, deed.by, deed.reason) for deed in yard.container().deeds]
    assert deeds == [("seal", BY, None), ("open", BY, "inspection")]

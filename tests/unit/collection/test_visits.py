"""Visits: facts are kept, the same is told once, another is kept for review."""

from datetime import timedelta

import pytest

from services.collection.application import visiting
from services.collection.application.drive_desk import Crew
from services.collection.application.visiting import CheckIn, Identity
from services.collection.domain.drive_states import DriveState
from services.collection.domain.tickets import TicketLease, TicketState, TicketVoid
from shared.kernel.errors import Conflict, Forbidden, Invalid
from tests.unit.collection.builders import Crash
from tests.unit.collection.drive_builders import (
    END,
    NAMED,
    NOW,
    OTHER,
    DriveHouse,
    lot,
    weighing,
)

CREW = Crew(NAMED, is_staff=False)
ACTS = {
    "announce": lambda drive: drive.announce(now=NOW),
    "cancel": lambda drive: drive.cancel("weather", now=NOW),
    "miss": lambda drive: drive.watch(now=END),
}


@pytest.fixture
def house():
    held = DriveHouse()
    held.open()
    return held


def flags(stored):
    return set(stored.state.weighing.flags)


def used(house):
    return {visit.ticket for visit in house.visits.states()}


def void(first, last):
    return TicketVoid(f"void-{first}", first, last, "torn", NOW)


def test_a_visit_takes_the_next_number_and_the_drives_vehicle_and_scale(house):
    house.lease(3)

    told = house.tell(lot(1_000), lot(500, "cardboard")).state

    assert told.ticket == 4
    assert (told.weighing.vehicle_id, told.weighing.scale_id) == ("van-1", "scale-1")
    assert [each.lot_id for each in told.weighing.lots] == ["drive-1:4:1:1", "drive-1:4:1:2"]
    assert told.weighing.flags == ()
    assert told.is_anonymous


def test_the_same_submission_is_one_visit_under_its_key_and_under_another(house):
    request = house.asked(201)
    first = house.tell(lot(1_000), draw_id="draw", request=request)

    again = house.tell(lot(1_000), draw_id="draw", request=request)
    other_key = house.tell(lot(1_000), ticket=1)

    assert first.answer == again.answer
    assert other_key.state == first.state
    assert house.events(house.visits) == ["visit-weighed"]
    assert house.tickets.book("drive-1").next_ticket == 2


def test_another_devices_submission_is_refused_and_kept_once(house):
    ticket = house.lease(1)[0]
    house.tell(lot(1_000), ticket=ticket)

    for _ in range(2):
        with pytest.raises(Conflict) as refused:
            house.tell(lot(1_000), ticket=ticket, device="device-2")
        assert refused.value.code == "visit.already_weighed"

    visit = house.visits.get("drive-1:1").state
    assert [rival.device_id for rival in visit.rivals] == ["device-2"]
    assert [review.code for review in visit.reviews] == ["visit.second"]
    assert visit.weighing.lots[0].mass_g == 1_000
    assert house.events(house.visits) == ["visit-weighed"]


def test_a_number_that_was_used_before_it_was_given_is_passed_over(house):
    house.tell(lot(100), ticket=1, device="device-2")
    request = house.asked(201)

    told = house.tell(lot(200), draw_id="draw", request=request)
    again = house.tell(lot(200), draw_id="draw", request=request)

    assert (told.state.ticket, again.answer) == (2, told.answer)
    assert house.visits.get("drive-1:1").state.rivals == ()


def test_rivals_have_an_end(house):
    house.tell(lot(1_000))
    for number in range(5):
        with pytest.raises(Conflict):
            house.tell(lot(1_000 + number), ticket=1, device="device-2")

    with pytest.raises(Conflict) as refused:
        house.tell(lot(9_000), ticket=1, device="device-2")
    assert refused.value.code == "visit.too_many_rivals"


@pytest.mark.parametrize(
    ("told", "code"),
    [
        (weighing(lot(-1), gross_g=900), "mass.impossible"),
        (weighing(tare_g=10, gross_g=5), "weighing.negative_net"),
        (weighing(lot(4_000_000)), "mass.impossible"),
        (weighing(lot(contamination_bp=10_001)), "weighing.contamination"),
    ],
)
def test_only_the_impossible_is_refused_and_leaves_no_ticket_behind(house, told, code):
    with pytest.raises(Invalid) as refused:
        house.tell(told=told)

    assert refused.value.code == code
    assert house.tickets.book("drive-1").next_ticket == 1


@pytest.mark.parametrize(
    ("state", "act"),
    [("cancelled", "cancel"), ("missed", "miss"), ("announced", "announce"), ("planned", None)],
)
def test_what_is_told_of_a_drive_that_is_not_open_is_kept_and_reviewed(state, act):
    house = DriveHouse()
    if act:
        acts = {
            "cancel": lambda d: d.cancel("weather", now=NOW),
            "miss": lambda d: d._miss(now=NOW),
        }
        house.drives.change("drive-1", acts.get(act, lambda d: d.announce(now=NOW)))

    told = house.tell(lot(700))

    assert f"visit.drive_{state}" in flags(told)
    assert [review.code for review in told.state.reviews] == [f"visit.drive_{state}"]
    has_ended = state in ("cancelled", "missed")
    assert house.drive().totals.mass_g == (700 if has_ended else 0)
    assert house.drive().revision == (1 if has_ended else 0)


def test_tickets_that_nobody_should_use_are_flagged(house):
    mine, voided, lost = house.lease(3)
    visiting.void_tickets("drive-1", void(voided, voided), crew=CREW, desk=house.desk)

    assert flags(house.tell(ticket=mine, device="device-2")) == {"visit.ticket_of_other_device"}
    assert flags(house.tell(ticket=voided)) == {"visit.ticket_void"}
    assert flags(house.tell(ticket=999)) == {"visit.ticket_unknown"}
    house.clock.instant = END + timedelta(hours=13)
    assert "visit.ticket_expired" in flags(house.tell(ticket=lost))


def test_facts_about_collector_material_and_scale_are_flagged(house):
    told = house.tell(lot(300, "glass"), collector=OTHER)

    assert flags(told) == {"visit.other_collector", "visit.off_target"}


@pytest.mark.parametrize(("pieces", "producer"), [(10, "household"), (11, "organisation")])
def test_an_anonymous_visitor_with_many_pieces_counts_as_an_organisation(house, pieces, producer):
    told = house.tell(lot(300, pieces=pieces)).state

    assert told.producer == producer
    assert ("visit.counted_as_organisation" in told.weighing.flags) == (pieces > 10)


def test_a_known_household_with_many_pieces_is_a_household(house):
    house.cards.holders["card"] = "household-1"

    told = house.tell(lot(300, pieces=400), identity=Identity(card="card")).state

    assert (told.producer, told.household_id) == ("household", "household-1")


def test_a_card_that_nobody_has_is_an_anonymous_visit_with_a_flag(house):
    told = house.tell(identity=Identity(card="nobody's"))

    assert told.state.is_anonymous
    assert flags(told) == {"visit.card_unknown"}


def test_a_card_that_a_slow_clock_saw_before_it_was_made_is_known_with_a_flag(house):
    house.cards.holders["card"] = "household-1"
    house.cards.early.add("card")

    told = house.tell(identity=Identity(card="card"))

    assert told.state.household_id == "household-1"
    assert flags(told) == {"visit.clock_behind"}


def test_a_check_in_notes_who_came(house):
    house.cards.holders["card"] = "household-1"
    line = TicketLease("line-1", "device-1", 1, NOW, NOW)

    cmd = CheckIn("drive-1", line, Identity(card="card"))
    ticket = visiting.check_in(cmd, crew=CREW, desk=house.desk)
    told = house.tell(ticket=ticket.first).state

    assert (ticket.first, told.household_id) == (1, "household-1")


def test_a_named_organisation_is_one(house):
    told = house.tell(identity=Identity(organisation_id="shop-1")).state

    assert (told.producer, told.first.visitor.organisation_id) == ("organisation", "shop-1")


def test_a_sign_up_of_another_drive_recognises_nobody(house):
    house.household()
    house.plan("drive-2")
    signed = house.sign_up(drive_id="drive-2")

    told = house.tell(identity=Identity(sign_up_id=signed.id)).state

    assert told.is_anonymous


def test_closing_waits_for_every_ticket(house):
    first, second, third = house.lease(3)
    house.tell(ticket=first)
    house.close()
    states = [house.drive().state]
    house.tell(ticket=second)
    states.append(house.drive().state)
    visiting.void_tickets("drive-1", void(third, third), crew=CREW, desk=house.desk)

    assert states == [DriveState.CLOSING, DriveState.CLOSING]
    assert house.drive().state is DriveState.CLOSED
    book = house.tickets.book("drive-1")
    assert book.counts(used=used(house), now=house.clock.now())[TicketState.LEASED] == 0


def test_no_block_is_leased_once_it_closes_and_a_repeat_gets_its_own(house):
    held = house.lease(2, lease_id="lease-1")
    house.close()

    assert house.lease(2, lease_id="lease-1") == held
    with pytest.raises(Conflict) as refused:
        house.lease(2)
    assert refused.value.code == "drive.closing"


def test_only_the_crew_leases_and_voids(house):
    lease = TicketLease("lease-1", "device-1", 2, NOW, NOW)
    stranger = Crew(OTHER, is_staff=False)

    with pytest.raises(Forbidden):
        visiting.lease_tickets("drive-1", lease, crew=stranger, desk=house.desk)
    with pytest.raises(Forbidden):
        visiting.void_tickets("drive-1", void(1, 1), crew=stranger, desk=house.desk)


def test_a_visit_that_never_came_holds_the_closing_up_for_minutes_only(house):
    house.crash_at = "visit.write.before"
    with pytest.raises(Crash):
        house.tell(lot(800), draw_id="lost")
    house.close()
    waiting = house.drive().state
    house.clock.advance(timedelta(minutes=16))
    house.work()

    assert (waiting, house.drive().state) == (DriveState.CLOSING, DriveState.CLOSED)


def test_nobody_is_named_in_what_is_announced(house):
    house.cards.holders["card"] = "household-1"
    house.tell(identity=Identity(card="card"))
    house.close()

    told = b" ".join(each.value for each in (*house.visits.announced, *house.drives.announced))
    for personal in (b"resident-1", b"Lin", b"0591", b"Gate 2", b"card", b"26.08"):
        assert personal not in told

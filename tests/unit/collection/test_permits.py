"""Permits at the scale: judged when they are told, by when it happened, and never a refusal."""

import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from services.collection.adapters.signed_permits import SignedPermits
from services.collection.domain.permits import PermitUse, PermitVerdict, inherited
from services.collection.domain.visit import Visit
from shared.http.key_files import replace_file
from shared.http.keys import FileKeys
from shared.kernel.errors import Conflict, Unavailable
from shared.permits import model
from shared.permits.model import Permit
from shared.permits.signing import PermitSigner, ensure_permit_keys, jwks_path
from tests.unit.collection.builders import IN_THE_WINDOW, House, lot, weigh_in
from tests.unit.collection.drive_builders import BEGIN, DriveHouse, asked
from tests.unit.collection.drive_builders import lot as brought

HOUR = timedelta(hours=1)
LEAD = "lead-acid-batteries"
TAG = "GLC-00012345-56"
PERMIT = Permit(
    permit_id="permit-1",
    container_tag=TAG,
    materials=(LEAD,),
    classes=("acid-battery",),
    grams_left=10_000,
    subject="collector-1",
    device_id="phone-1",
    issued_at=IN_THE_WINDOW - 2 * HOUR,
    expires_at=IN_THE_WINDOW + HOUR,
)


def battery(mass_g=9_000, **rest):
    return lot("lot-1", mass_g, LEAD, hazardous=True, **{"container_tag": TAG, **rest})


def use(token, **rest):
    held = {
        "token": token,
        "container_tag": TAG,
        "material": LEAD,
        "mass_g": 9_000,
        "collector_id": "collector-1",
        "at": IN_THE_WINDOW,
    }
    return PermitUse(**{**held, **rest})


class NoKeys:
    def key(self, key_id):
        raise Unavailable("auth.no_keys")


@pytest.fixture
def pem(tmp_path):
    return ensure_permit_keys(tmp_path)


@pytest.fixture
def permits(pem, tmp_path):
    return SignedPermits(FileKeys(jwks_path(tmp_path)))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({}, None),
        ({"container_tag": TAG.lower()}, None),
        ({"at": PERMIT.expires_at - timedelta(milliseconds=1)}, None),
        ({"at": PERMIT.expires_at}, model.EXPIRED),
        ({"container_tag": "GLC-00012400-85"}, model.OTHER_CONTAINER),
        ({"container_tag": None}, model.OTHER_CONTAINER),
        ({"material": "lithium-ion-batteries"}, model.OTHER_MATERIAL),
        ({"mass_g": 10_001}, model.OVER_LIMIT),
        ({"collector_id": "collector-2"}, model.OTHER_COLLECTOR),
    ],
)
def test_a_signed_permit_fits_or_says_why_not(permits, pem, changed, fault):
    token = PermitSigner(pem).sign(PERMIT)

    assert permits.judged([use(token, **changed)]) == [PermitVerdict("permit-1", fault)]


def test_a_foreign_tag_is_as_it_was_scanned(permits, pem):
    token = PermitSigner(pem).sign(Permit(**{**_fields(PERMIT), "container_tag": "box-Ä"}))

    faults = [each.fault for each in permits.judged([use(token, container_tag="BOX-ä")])]

    assert faults == [model.OTHER_CONTAINER]


def _fields(permit):
    return {name: getattr(permit, name) for name in Permit.__slots__}


def test_a_forged_one_is_not_read_and_a_rotated_key_is_found(permits, pem, tmp_path):
    old = PermitSigner(pem).sign(PERMIT)
    stranger = ensure_permit_keys(tmp_path / "stranger")
    forged = PermitSigner(stranger).sign(PERMIT)
    first = permits.judged([use(old), use(forged), use("no permit at all")])

    new = ensure_permit_keys(tmp_path / "new")
    pem.write_bytes(new.read_bytes() + pem.read_bytes())
    both = PermitSigner(pem)
    replace_file(jwks_path(tmp_path), json.dumps(both.jwks()).encode(), mode=0o644)

    nothing = PermitVerdict(None, model.UNREADABLE)
    assert first == [PermitVerdict("permit-1", None), nothing, nothing]
    later = permits.judged([use(both.sign(PERMIT)), use(old), use(forged)])
    assert later == [PermitVerdict("permit-1", None)] * 2 + [nothing]


def test_without_keys_it_is_said_that_nobody_could_tell(pem):
    verdicts = SignedPermits(NoKeys()).judged([use(PermitSigner(pem).sign(PERMIT))])

    assert verdicts == [PermitVerdict(None, model.UNVERIFIED)]


def booked():
    house = House()
    house.book()
    house.clock.instant = IN_THE_WINDOW + 20 * HOUR  # a phone was offline
    return house


def told_lots(house, kind="weighed"):
    (envelope,) = [
        each for each in house.pickups.announced if each.headers["ce_type"].split(".")[2] == kind
    ]
    return json.loads(envelope.value)


def test_a_weigh_in_carries_its_permits_and_is_judged_by_when_it_happened():
    house = booked()
    house.permits.faults["p-b"] = model.OVER_LIMIT
    lots = (lot(), battery(), battery(20_000))

    house.weigh(weigh_in(*lots), permits=(None, "p-a", "p-b"))

    weighed = told_lots(house)
    assert [(each["permit_id"], each["permit_fault"]) for each in weighed["lots"]] == [
        (None, None),
        ("p-a", None),
        ("p-b", model.OVER_LIMIT),
    ]
    assert "weighing.permit_fault" in weighed["flags"]
    assert [each.at for each in house.permits.uses] == [IN_THE_WINDOW] * 2
    assert [each.collector_id for each in house.permits.uses] == ["collector-1"] * 2


def test_the_same_weigh_in_with_another_verdict_is_no_rival():
    house = booked()
    house.permits.faults["p-a"] = model.UNVERIFIED
    house.weigh(weigh_in(battery()), permits=("p-a",))
    house.permits.faults.clear()

    house.weigh(weigh_in(battery()), permits=("p-a",), scope="again")

    pickup = house.pickups.get("p-1").state
    assert (pickup.weighing.lots[0].permit_fault, pickup.rivals) == (model.UNVERIFIED, ())
    with pytest.raises(Conflict):
        house.weigh(weigh_in(battery(9_001)), permits=("p-a",), scope="other")


def test_a_correction_keeps_the_permit_of_what_it_corrects():
    house = booked()
    house.permits.faults["p-b"] = model.EXPIRED
    house.weigh(weigh_in(battery(), battery(5_000)), permits=("p-a", "p-b"))

    house.propose(battery(8_000), battery(4_000), battery(500, container_tag="GL-9"))
    house.approve()

    corrected = told_lots(house, "corrected")
    assert [(each["permit_id"], each["permit_fault"]) for each in corrected["lots_after"]] == [
        ("p-a", None),
        ("p-b", model.EXPIRED),
        (None, None),
    ]
    assert "weighing.permit_fault" in house.pickups.get("p-1").state.weighing.flags


def test_grams_over_the_permit_are_counted_anew_when_they_are_corrected():
    before = (battery(20_000, permit_id="p-a", permit_fault=model.OVER_LIMIT),)

    (after,) = inherited((battery(2_000),), before)

    assert (after.mass_g, after.permit_id, after.permit_fault) == (2_000, "p-a", None)


def test_one_lot_too_many_has_the_last_ones_permit():
    before = (battery(1, permit_id="p-a"), battery(2, permit_id="p-b"))

    after = inherited((battery(1), battery(2), battery(3)), before)

    assert [each.permit_id for each in after] == ["p-a", "p-b", "p-b"]


def test_a_visit_carries_its_permits_through_a_lost_answer():
    house = DriveHouse()
    house.open()
    house.permits.faults["p-a"] = model.OTHER_COLLECTOR
    box = brought(9_000, LEAD, hazardous=True, container_tag=TAG)
    telling = {"at": BEGIN, "request": asked("tell", 201), "draw_id": "draw", "permits": ("p-a",)}

    first = house.tell(box, **telling)
    again = house.tell(box, **{**telling, "request": asked("tell", 201)})

    visit: Visit = first.state
    (kept,) = visit.weighing.lots
    assert (kept.permit_id, kept.permit_fault) == ("p-a", model.OTHER_COLLECTOR)
    assert "weighing.permit_fault" in visit.weighing.flags
    assert again.id == first.id
    assert len(house.visits.announced) == 1


def test_a_key_of_nobody_makes_no_permit(permits, pem, tmp_path):
    claims_of_another = PermitSigner(pem).sign(PERMIT).split(".")
    signature = Ed25519PrivateKey.generate().sign(b"x")

    forged = ".".join([*claims_of_another[:2], signature.hex()])

    assert permits.judged([use(forged)]) == [PermitVerdict(None, model.UNREADABLE)]

"""A container's custody comes from its history and its manifests, in the order of time."""

import pytest

from tools.report.custody import battery_container, custody_of

TAG = "GL-1"
FIRST, SECOND = "20263501000001", "20263501000105"


def at(clock_time):
    return f"2026-11-28T{clock_time}:00Z"


def lot(mass_g, misfit=None):
    return {
        "lot_id": "lot",
        "material": "lead-acid-batteries",
        "mass_g": mass_g,
        "misfit": misfit,
    }


def fill(source, clock_time, *lots):
    step = {"act": "fill", "at": at(clock_time), "pickup_id": f"{source}-{clock_time}"}
    return {**step, "source": source, "lots": list(lots)}


def act(name, clock_time, holder=None, reason=None):
    return {"act": name, "at": at(clock_time), "holder": holder, "reason": reason}


def signature(stage, clock_time, party_id, *, method="token", device_of=None):
    signed = {"stage": stage, "signed_at": at(clock_time), "party_id": party_id}
    return {**signed, "place_id": "yard", "method": method, "device_of": device_of or party_id}


def reception(clock_time, receiver_id, *, reason=None, child_number=None):
    mine = {"container": TAG, "accepted": reason is None, "received_g": 900, "reason": reason}
    told = {"receiver_id": receiver_id, "place_id": "gate", "received_at": at(clock_time)}
    return {**told, "verdicts": [mine], "child_number": child_number}


def consignment(number, clock_time, *signatures, parent_number=None, receptions=(), material=None):
    return {
        "number": number,
        "created_at": at(clock_time),
        "sealed_at": at(clock_time),
        "purpose": "redirection" if parent_number else "shipment",
        "parent_id": parent_number,
        "parent_number": parent_number,
        "consignor": {"party_id": "outlet"},
        "receiver": {"party_id": "smelter"},
        "containers": [
            {"container": TAG, "material": material or "lead-acid-batteries", "net_g": 900}
        ],
        "signatures": list(signatures),
        "receptions": list(receptions),
    }


CHILD = consignment(
    SECOND,
    "15:30",
    signature("consignor", "16:00", "smelter"),
    signature("receiver", "18:00", "refiner"),
    parent_number=FIRST,
    receptions=[reception("18:00", "refiner")],
)
PARENT = consignment(
    FIRST,
    "13:00",
    signature("consignor", "14:00", "outlet"),
    signature("carrier", "14:01", "haulier", method="code", device_of="outlet"),
    receptions=[reception("15:30", "smelter", reason="leaking", child_number=SECOND)],
)
STEPS = [
    act("register", "08:00"),
    fill("drive", "09:00", lot(500)),
    fill("door", "11:00", lot(400), lot(70, "tracking.over_limit")),
    fill("door", "11:30", lot(80, "tracking.incompatible")),
    act("move", "12:00", "place/yard"),
    act("seal", "12:30", "place/yard"),
    act("reserve", "13:00", "place/yard"),
    act("depart", "14:01", "vehicle/truck"),
    act("damage", "14:30", "vehicle/truck", "dropped"),
]


class Books:
    """Answers as tracking does, in pages of two."""

    def __init__(self, steps=(), consignments=()):
        self.answers = {
            f"/v1/containers/{TAG}/history": list(steps),
            "/v1/consignments": list(consignments),
        }

    def get(self, _service, path, *, caller, **query):
        assert caller.role == "operator"
        if path == f"/v1/containers/{TAG}":
            return {"seal": {"net_g": 900, "lots_g": 905}}
        start = int(query.get("cursor", 0))
        following = start + 2 if start + 2 < len(self.answers[path]) else None
        items = self.answers[path][start : start + 2]
        return {"items": items, "next": following and str(following)}


def test_the_chain_goes_from_the_first_lot_to_the_last_verdict():
    chain = custody_of(Books(STEPS, [CHILD, PARENT]), TAG)

    assert [(each.what, each.who, each.mass_g) for each in chain] == [
        ("registered", "", None),
        ("from a drive: visit", "drive-09:00", 500),
        ("from a kitchen: pickup", "door-11:00", 400),
        ("moved to", "place/yard", None),
        ("sealed (lots 905 g), at", "place/yard", 900),
        ("shipment declared", "outlet → smelter", 900),
        ("signed by the consignor", "outlet, at yard", None),
        ("taken over by", "haulier, at yard, by code on the device of outlet", None),
        ("damage (dropped)", "vehicle/truck", None),
        ("refused (leaking) by", f"smelter, at gate; goes on as {SECOND}", 900),
        (f"redirection declared (refused of {FIRST})", "outlet → smelter", 900),
        ("signed by the consignor", "smelter, at yard", None),
        ("accepted by", "refiner, at gate", 900),
    ]
    assert [each.number for each in chain][5:8] == [FIRST] * 3
    assert [each.number for each in chain][-3:] == [SECOND] * 3


def test_manifests_of_an_earlier_fill_are_left_out():
    steps = [act("ready", "15:00"), fill("door", "16:00", lot(10))]

    chain = custody_of(Books(steps, [CHILD, PARENT]), TAG)

    assert {each.number for each in chain} == {None, SECOND}


def test_very_many_lots_are_summed_up():
    steps = [fill("door", f"09:{minute:02d}", lot(10)) for minute in range(30)]

    chain = custody_of(Books(steps), TAG)

    assert len(chain) == 13
    assert (chain[-1].what, chain[-1].mass_g) == ("and from 18 more until then", 180)


@pytest.mark.parametrize(
    ("consignments", "tag"),
    [
        ([], None),
        ([consignment(FIRST, "13:00", material="fluorescent-lamps")], None),
        ([PARENT], TAG),
        ([PARENT, CHILD], TAG),
    ],
)
def test_a_container_of_batteries_is_found_if_there_is_one(consignments, tag):
    assert battery_container(Books(consignments=consignments)) == tag

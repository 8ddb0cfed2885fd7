"""What is learnt of a box after it was sealed is followed by the legs that have not begun."""

import pytest

from shared.messaging.reactions import sequence_mark
from tests.integration.consignment_house import house_of
from tests.unit.tracking.builders import LEAD, history, in_order, lot

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held.registry()


def weigh(house, *conditions):
    """The box's pickup, with as many revisions of the lot in it."""
    lots = [
        (lot("lot-1", 9_000, material=LEAD, tag="box-1", condition=said),) for said in conditions
    ]
    events = history(*lots, pickup_id="pickup-1")
    house._facts.apply(in_order(*events), sequence_mark("tracking", 1))
    return house.react()


def test_a_lot_that_is_found_broken_after_the_seal_is_judged_on_the_legs_to_come(house):
    box = {"tag": "box-1", "container_type": "box-60l", "material": LEAD}
    house.operate("/containers", {**box, "tare_g": 4_000, "limit_g": 60_000}, status=201)
    weigh(house, "intact")
    sealing = {"gross_g": 13_000, "scale_id": "scale-1", "place_id": "outlet-yard"}
    house.operate("/containers/box-1/sealings", sealing)
    carriers = [house.carrier("carrier-1"), house.carrier("carrier-2", hours=2)]
    drafted = house.draft("box-1", carriers=carriers)
    house.seal(drafted)
    house.tell()
    assert house.sign(drafted).status_code == 200
    assert house.take(drafted).status_code == 200

    house.react()

    told = [kind for _ in range(2) for kind in weigh(house, "intact", "broken")]
    assert house.take(drafted, by="carrier-2").status_code == 200

    held = house.get(f"/consignments/{drafted}").json()
    assert [(leg["leg"], leg["condition"]) for leg in held["legs"]] == [
        (1, "intact"),
        (2, "broken"),
    ]
    assert [(each["code"], each["about"]) for each in held["alarms"]] == [
        ("condition-learnt", "box-1")
    ]
    assert told == ["recycling.consignment.alarmed.v1"]
    assert held["containers"][0]["condition"] == "intact"  # as it was signed

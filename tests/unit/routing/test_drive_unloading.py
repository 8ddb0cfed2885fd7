"""What a drive collected is put down once, by its vehicle's collector, at a known facility."""

from datetime import UTC, datetime

import pytest

from services.routing.adapters.announcements import announce
from services.routing.application.drive_unloading import unload_drive
from services.routing.domain.drive_load import UNLOADINGS_MAX, DriveLoad, DriveUnloading
from services.routing.domain.fleet import FleetVehicle, Site
from services.routing.domain.problem import Spot
from shared.contracts.codec import RawRecord, decode, wire_headers
from shared.contracts.route import DriveUnloaded
from shared.kernel.aggregate import Answer, Decision, Request
from shared.kernel.errors import Conflict, Invalid, NotFound
from shared.messaging.in_memory import InMemoryAggregates

AT = datetime(2026, 11, 28, 5, 0, tzinfo=UTC)
YARD = Site("yard", "facility", Spot(26.1, 119.3), 900, "06:00", "23:00")
VAN = FleetVehicle("van-1", "depot-1", 500_000, (), "collector-1", "07:00", "21:00")


def unloading(*visit_ids, number=1, **rest):
    fields = {"vehicle_id": "van-1", "facility_id": "yard", "drive_id": "drive-1", **rest}
    return DriveUnloading(
        unloading_id=f"unloading-{number}",
        visit_ids=visit_ids or ("drive-1:1",),
        weighbridge_g=None,
        unloaded_at=AT,
        **fields,
    )


def aggregates(kind, state_type):
    return InMemoryAggregates(kind=kind, state_type=state_type, announce=announce)


class House:
    def __init__(self):
        self.loads = aggregates("drive_load", DriveLoad)
        self.vehicles = aggregates("vehicle", FleetVehicle)
        self.sites = aggregates("site", Site)
        self.vehicles.create("van-1", Decision(VAN))
        self.sites.create(YARD.key, Decision(YARD))

    def unload(self, wanted, *, collector_id="collector-1", key=None):
        return unload_drive(
            wanted,
            collector_id=collector_id,
            loads=self.loads,
            vehicles=self.vehicles,
            sites=self.sites,
            request=Request(key or wanted.unloading_id, "body", lambda s: Answer(201, b"done")),
        )


def test_an_unloading_is_told_once_however_often_it_is_sent():
    house = House()
    for _ in range(3):
        house.unload(unloading("drive-1:1", "drive-1:2"))

    announced = house.loads.announced
    told = decode(
        RawRecord(
            announced[0].topic,
            announced[0].partition,
            0,
            announced[0].key.encode(),
            announced[0].value,
            wire_headers(announced[0].headers, sequence=1),
        )
    ).data
    assert len(announced) == 1
    assert isinstance(told, DriveUnloaded)
    assert (told.visit_ids, told.facility_id) == (("drive-1:1", "drive-1:2"), "yard")
    assert announced[0].key == "drive-1"


def test_a_visit_is_put_down_once_and_late_ones_later():
    house = House()
    house.unload(unloading("drive-1:1"))
    house.unload(unloading("drive-1:2", number=2))

    with pytest.raises(Conflict) as refused:
        house.unload(unloading("drive-1:3", "drive-1:2", number=3))
    assert refused.value.code == "routing.already_unloaded"
    assert len(house.loads.announced) == 2


@pytest.mark.parametrize("visit_id", ["drive-2:1", "drive-11:1", "1"])
def test_another_drives_visit_is_refused(visit_id):
    with pytest.raises(Invalid) as refused:
        House().unload(unloading(visit_id))
    assert refused.value.code == "routing.not_of_this_drive"


def test_only_the_vehicles_collector_and_the_city_unload_it():
    house = House()

    with pytest.raises(NotFound):
        house.unload(unloading(), collector_id="collector-2")
    assert house.unload(unloading(), collector_id=None)


@pytest.mark.parametrize("unknown", [{"vehicle_id": "van-9"}, {"facility_id": "nowhere"}])
def test_vehicle_and_facility_are_known(unknown):
    with pytest.raises(NotFound):
        House().unload(unloading(**unknown))


def test_unloadings_have_an_end():
    full = DriveLoad("drive-1", tuple(unloading("drive-1:1") for _ in range(UNLOADINGS_MAX)))

    with pytest.raises(Conflict) as refused:
        full.unload(unloading("drive-1:9"))
    assert refused.value.code == "routing.too_often"

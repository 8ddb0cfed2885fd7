"""What residents do over HTTP, and what a planner does for them."""

from contextlib import contextmanager
from datetime import timedelta
from io import BytesIO

from PIL import Image

from services.collection.application import erasing, handlers
from services.collection.domain.booking import TourPlace
from shared.kernel.clock import SystemClock
from shared.kernel.ids import new_id
from tests.integration.collection_house import house_of, service_day

GUEST = {"subject": "resident-2"}
PERSON = {
    "name": "Chen Wei",
    "phone": "+8613800000000",
    "email": "chen@example.org",
    "language": "zh-CN",
}
HOME = {"address": "Gulou 12-3", "access": "code 7788"}


class Residents:
    def __init__(self, house):
        self.house = house
        self.post, self.get = house.post, house.get

    def assign(self, pickup_id, collector="collector-1", *, ends_in=timedelta(hours=3)):
        now = SystemClock().now()
        tour = TourPlace(
            plan_id="plan-1",
            plan_version=1,
            service_day=service_day(),
            tour_id="tour-1",
            vehicle_id="van-1",
            collector_id=collector,
            eta=now,
            tour_ends_at=now + ends_in,
        )
        self.house.wiring.pickups.change(
            pickup_id, lambda held: handlers.on_tour_assigned(held, tour, at=now)
        )

    def photo(self, pickup_id, content, *, role="resident", media="image/jpeg", key=None, **who):
        headers = self.house.headers(role, key=key or new_id(), **who)
        headers["Content-Type"] = media
        path = f"/v1/pickups/{pickup_id}/photos"
        return self.house.call("POST", path, content=content, headers=headers)

    def join(self, household_id, **who):
        code = self.post(f"/households/{household_id}/invites", {}).json()["code"]
        return self.post("/memberships", {"code": code}, **who)

    def finish(self):
        return erasing.finish_erasures(desk=self.house.wiring.desk)


def picture(**rest):
    drawn = BytesIO()
    Image.new("RGB", (320, 240), "green").save(drawn, "JPEG", **rest)
    return drawn.getvalue()


@contextmanager
def city_of(uri, state_dir):
    with house_of(uri, state_dir) as house:
        house.open_slot()
        house.open_slot("afternoon")
        yield Residents(house)

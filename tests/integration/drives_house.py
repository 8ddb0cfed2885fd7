"""Drives over real MongoDB: a site, a drive, devices, and a business clock that tests move."""

from contextlib import contextmanager
from datetime import timedelta

from pydantic import ConfigDict

from services.collection.application.drive_ending import finish_all
from services.collection.application.drive_series import watch_all
from services.collection.application.signing_up import sweep_places
from services.collection.settings import CollectionSettings
from shared.kernel.clock import ManualClock, SystemClock, to_millisecond
from tests.integration.collection_house import COMMUNITY, House
from tests.lent_databases import lent_database

NAMED, STAND_IN = "collector-1", "collector-2"
LASTS = timedelta(hours=3)
MATERIALS = ["textiles", "cardboard", "lead-acid-batteries"]


class ClockedSettings(CollectionSettings):
    """Settings whose business clock is a test's."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    held_clock: ManualClock

    def clock(self):
        return self.held_clock


class DriveHouse(House):
    """Callers of drives. The clock begins an hour before the drives do."""

    def __init__(self, settings):
        self.clock = getattr(settings, "held_clock", None) or ManualClock(SystemClock().now())
        self.begin = to_millisecond(self.clock.now() + timedelta(hours=1))
        super().__init__(settings)
        self.desk = self.wiring.drives.desk
        self.site()

    def site(self, site_id="site-1", **rest):
        body = {
            "site_id": site_id,
            "kind": "school",
            "community_code": COMMUNITY,
            "latitude": 26.0812,
            "longitude": 119.2967,
            **rest,
        }
        return self.post("/sites", body, role="operator")

    def terms(self, **rest):
        return {
            "materials": MATERIALS,
            "collector_id": NAMED,
            "vehicle_id": "van-1",
            "scale_id": "scale-1",
            **rest,
        }

    def plan(self, *, after=timedelta(), site_id="site-1", **rest):
        body = {
            "site_id": site_id,
            "window_start": (self.begin + after).isoformat(),
            "window_end": (self.begin + after + LASTS).isoformat(),
            "terms": self.terms(**rest),
        }
        return self.post("/drives", body, role="operator").json()["drive_id"]

    def act(self, drive_id, what, body=None, *, role="collector", **who):
        return self.post(f"/drives/{drive_id}/{what}", body or {}, role=role, **who)

    def open(self, drive_id, **who):
        body = {"opened_at": self.clock.now().isoformat()}
        return self.act(drive_id, "opening", body, **who)

    def opened(self, **rest):
        """A drive that is open now."""
        drive_id = self.plan(**rest)
        self.clock.instant = max(self.clock.instant, self.begin)
        assert self.open(drive_id).status_code == 200
        return drive_id

    def lease(self, drive_id, count, *, device="device-1", **who):
        body = {"device_id": device, "count": count}
        answer = self.act(drive_id, "tickets", body, **who)
        return range(answer.json()["first"], answer.json()["first"] + count)

    def visit(self, drive_id, *lots, ticket=None, device="device-1", **rest):
        body = visit_body(*lots, at=self.clock.now(), device=device)
        if ticket is not None:
            body["ticket"] = ticket
        who = {name: rest.pop(name) for name in ("key", "call", "subject") if name in rest}
        return self.act(drive_id, "visits", {**body, **rest}, **who)

    def state(self, drive_id):
        return self.desk.drives.get(drive_id).state

    def totals(self, drive_id):
        return self.get(f"/drives/{drive_id}/totals", role="operator").json()

    def work(self):
        """What the worker's jobs do, once."""
        watch_all(desk=self.desk)
        finish_all(desk=self.desk)
        sweep_places(desk=self.desk)

    def announced(self, collection, entity_id):
        """The types that a document announced, in order."""
        held = self.wiring.db[collection].find_one({"_id": entity_id})
        return [each["headers"]["ce_type"].split(".")[-2] for each in held["outbox"]]


def lot(material="textiles", mass_g=3_000, **rest):
    return {"material": material, "grade": "A", "mass_g": mass_g, **rest}


def visit_body(*lots, at, device="device-1"):
    held = lots or (lot(),)
    net_g = sum(each["mass_g"] for each in held)
    return {
        "device_id": device,
        "gross_g": net_g + 500,
        "tare_g": 500,
        "weighed_at": at.isoformat(),
        "lots": list(held),
    }


@contextmanager
def drive_house_of(uri, state_dir, **settings):
    clock = ManualClock(SystemClock().now())
    with lent_database(uri, "collection") as database:
        house = DriveHouse(
            ClockedSettings(
                mongodb=uri, database=database, state_dir=state_dir, held_clock=clock, **settings
            )
        )
        try:
            yield house
        finally:
            house.wiring.client.close()

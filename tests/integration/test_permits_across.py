"""A permit's whole way: leased from tracking, attached at collection, counted by tracking again."""

from collections import Counter
from datetime import timedelta

import jwt
import pytest

from services.collection.bootstrap import OUTBOXES
from shared.contracts.drive import VisitCorrected, VisitWeighed
from shared.contracts.pickup import PickupWeighed
from shared.http.key_files import private_keys, replace_file
from shared.messaging.pending import MongoPendingEvents
from shared.permits.signing import ensure_permit_keys, jwks_path
from tests.integration.collection_house import slot_id
from tests.integration.drives_house import drive_house_of, lot
from tests.integration.tracking_house import House, house_of
from tests.unit.tracking.builders import LEAD, event_of

pytestmark = pytest.mark.integration

HOUR = timedelta(hours=1)
WEIGH_INS = (PickupWeighed, VisitWeighed, VisitCorrected)


class Street:
    """Both services over one state folder; what collection announces reaches tracking twice."""

    def __init__(self, collection, tracking):
        self.collection, self.tracking = collection, tracking
        self.drive_id = collection.opened()
        self._pending = MongoPendingEvents([collection.wiring.db[name] for name in OUTBOXES])
        self._sequences = Counter()

    def scan(self, tag="GL-1", *, who="collector-1", **body):
        path = f"/v1/containers/{tag}/permits"
        answer = self.tracking.post(path, body, role="collector", subject=who)
        return answer.json()["permit"]

    def visit(self, *batteries, **rest):
        answer = self.collection.visit(self.drive_id, *batteries, **rest)
        assert answer.status_code == 201, answer.text
        self.follow()
        return answer.json()["weighing"]

    def follow(self):
        while entries := self._pending.oldest():
            events = []
            for entry in entries:
                self._sequences[entry.partition] += 1
                events.append(event_of(entry, sequence=self._sequences[entry.partition]))
            told = [each for each in events if isinstance(each.data, WEIGH_INS)]
            for _ in range(2):
                self.tracking.react(*told)
            self._pending.clear(entries)

    def content_g(self, tag="GL-1"):
        return self.tracking.container(tag).content_g

    def reasons(self):
        items = self.tracking.get("/v1/quarantine").json()["items"]
        return Counter(each["reason"] for each in items)


@pytest.fixture
def street(mongodb_uri, tmp_path):
    with (
        house_of(mongodb_uri, tmp_path) as tracking,
        drive_house_of(mongodb_uri, tmp_path) as collection,
    ):
        yield Street(collection, tracking)


def battery(mass_g, permit=None, tag="GL-1", **rest):
    held = {"container_tag": tag, "condition": "intact", **rest}
    return lot(LEAD, mass_g, **held, **({"permit": permit} if permit is not None else {}))


def test_a_permit_covers_what_it_was_given_for_and_nothing_else(street, tmp_path):
    street.tracking.register()
    street.tracking.register("GL-2")
    mine, others = street.scan(), street.scan(who="collector-2")
    faked = _signed_anew(mine, ensure_permit_keys(tmp_path / "stranger"))

    told = street.visit(battery(6_000, mine), battery(4_000, mine), battery(500, mine))
    street.visit(battery(700, others))
    street.visit(battery(800, mine, tag="GL-2"))
    street.visit(battery(900, faked), battery(950, "no permit"))

    assert all(each["permit_id"] and each["permit_fault"] is None for each in told["lots"])
    assert street.content_g() == 10_500
    assert street.reasons() == {
        "permit.other_collector": 1,
        "permit.other_container": 1,
        "permit.unreadable": 2,
    }
    assert street.tracking.books_agree()


def test_a_replayed_permit_has_no_grams_left(street):
    street.tracking.register(limit_g=10_000)
    first = street.visit(battery(6_000))
    permit = street.scan()  # for the 4,000 g that are left
    _correct(street, first, battery(1_000))

    street.visit(battery(4_000, permit))
    street.visit(battery(1_000, permit))

    assert street.content_g() == 5_000
    assert street.reasons() == {"permit.over_limit": 1}
    assert street.tracking.books_agree()


def test_an_offline_weigh_in_stands_by_when_it_happened_also_at_a_door(street):
    street.tracking.register()
    permit = street.scan(hours=1)
    pickup_id = _booked(street)
    weighed_at = street.collection.clock.now()
    street.collection.clock.advance(9 * HOUR)  # no network; the permit is over by now

    body = {
        "vehicle_id": "van-1",
        "scale_id": "scale-1",
        "gross_g": 9_000,
        "tare_g": 0,
        "weighed_at": (weighed_at - timedelta(minutes=5)).isoformat(),
        "lots": [battery(9_000, permit)],
    }
    weighed = street.collection.post(f"/pickups/{pickup_id}/weigh-ins", body, role="collector")
    street.follow()
    late = street.visit(battery(700, permit))

    (lot_view,) = weighed.json()["weighing"]["lots"]
    assert lot_view["permit_id"]
    assert lot_view["permit_fault"] is None
    assert (late["lots"][0]["permit_fault"], street.content_g()) == ("permit.expired", 9_000)
    assert street.reasons() == {"permit.expired": 1}


def test_a_changed_key_leaves_the_permits_that_are_out(street, tmp_path):
    street.tracking.register()
    old = street.scan()
    street.visit(battery(1_000, old))
    own = tmp_path / "permits" / "private.pem"
    own.write_bytes(ensure_permit_keys(tmp_path / "new").read_bytes() + own.read_bytes())
    street.tracking = House(street.tracking.settings)  # started again
    keys = street.tracking.get("/v1/permit-keys").content
    replace_file(jwks_path(tmp_path), keys, mode=0o644)

    new = street.scan()
    street.visit(battery(2_000, old), battery(3_000, new))

    assert street.content_g() == 6_000
    assert street.reasons() == {}
    street.tracking.wiring.client.close()


def _signed_anew(token, pem):
    """The same claims by a stranger's key, under the name of tracking's."""
    (key,) = private_keys(pem)
    claims = jwt.decode(token, options={"verify_signature": False})
    return jwt.encode(claims, key, algorithm="EdDSA", headers=jwt.get_unverified_header(token))


def _correct(street, weighing, *lots):
    path = f"/drives/{street.drive_id}/visits/1/corrections"
    body = {"supersedes": weighing["revision"], "lots": list(lots), "reason": "misread"}
    house = street.collection
    assert house.post(path, body, role="operator", subject="city-1").status_code == 200
    approval = house.post(f"{path}/1/approval", {}, role="operator", subject="city-2")
    assert approval.status_code == 200
    street.follow()


def _booked(street):
    street.collection.open_slot()
    household = street.collection.household()
    return street.collection.book(household, slot=slot_id()).json()["pickup_id"]

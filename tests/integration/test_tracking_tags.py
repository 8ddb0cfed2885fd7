"""Tags, permits and lists of containers over real MongoDB."""

from datetime import UTC, datetime

import pytest

from services.tracking.domain.tags import own_tag
from shared.http.keys import key_set
from shared.permits.model import Use
from shared.permits.tokens import Verdict, judged
from tests.integration.tracking_house import house_of
from tests.unit.tracking.builders import (
    LEAD,
    LITHIUM,
    history,
    in_order,
    lot,
)

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held


def battery(mass_g=9_000, *, tag="GL-1", lot_id="lot-9"):
    return lot(lot_id, mass_g, material=LEAD, tag=tag)


def now():
    return datetime.now(UTC).replace(microsecond=0)


def code(answer):
    return answer.status_code, answer.json()["code"]


def test_a_tag_that_lots_only_named_is_no_container_until_it_is_registered(house):
    house.react(*in_order(*history((battery(tag="GL-NEW"),))))

    assert code(house.get("/v1/containers/GL-NEW")) == (404, "container.not_found")
    assert code(house.do("GL-NEW", "openings", reason="x")) == (404, "container.not_found")
    assert house.get("/v1/containers").json()["items"] == []
    assert code(house.get("/v1/containers", state="unknown")) == (404, "container.not_found")
    assert house.register("GL-NEW").status_code == 201
    assert house.register("GL-NEW").json()["code"] == "container.exists"
    assert house.get("/v1/quarantine").json()["items"][0]["container_tag"] == "GL-NEW"


def test_tags_are_issued_in_batches_and_a_mistyped_one_is_refused(house):
    batch = house.post("/v1/tag-batches", {"count": 3, "rfid": True}).json()
    path = f"/v1/tag-batches/{batch['batch_id']}/tags"
    tags = house.get(path).json()["items"]

    assert (batch["first"], batch["last"]) == (own_tag(0), own_tag(2))
    assert tags[1]["epc_uri"] == "urn:epc:id:gid:95100000.1.1"
    assert house.register(tags[1]["tag"].lower()).json()["tag"] == own_tag(1)
    assert code(house.register(own_tag(3))) == (422, "tracking.tag_not_issued")
    mistyped = own_tag(1)[:-1] + "0"
    assert code(house.register(mistyped)) == (422, "tracking.tag_mistyped")
    assert code(house.get(f"/v1/containers/{mistyped}")) == (422, "tracking.tag_mistyped")
    assert house.get(f"/v1/containers/{own_tag(1)}").status_code == 200


def test_batches_of_clients_that_race_have_no_tag_in_common(house):
    with house.serving() as (_, call):
        answers = house.at_once(
            20, lambda n: house.post("/v1/tag-batches", {"count": 2}, key=f"k-{n}", call=call)
        )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["first"] for answer in answers}) == 20


def test_crates_are_registered_by_their_grai(house):
    asked = {"count": 1, "company_prefix": "0614141", "asset_type": "12345"}
    crate = house.post("/v1/tag-batches", asked).json()["first"]

    made = house.register(crate, material=None, container_type="crate")

    assert made.status_code == 201
    assert made.json()["material"] is None
    assert code(house.register(crate[:17] + "9" + crate[18:], material=None)) == (
        422,
        "tracking.tag_mistyped",
    )


def test_where_foreign_tags_are_not_allowed_only_issued_ones_are(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path, foreign_tags=False) as house:
        assert code(house.register("GL-1")) == (422, "tracking.tag_foreign")


def test_a_scan_gives_a_permit_that_collection_can_verify(house):
    house.register(materials=[LEAD, "ni-cd-batteries"], volume_l=60)
    said = {"materials": [LEAD], "device_id": "phone-1", "hours": 24}

    given = house.post("/v1/containers/GL-1/permits", said, role="collector")

    permit = given.json()
    keys = key_set(house.call("GET", "/v1/permit-keys").content)
    use = Use("GL-1", LEAD, 500, "collector-1", now())
    assert given.status_code == 201
    assert judged(permit["permit"], use, keys=Keys(keys)) == Verdict(permit["permit_id"], None)
    assert (permit["grams_left"], permit["classes"]) == (60_000, ["acid-battery"])


class Keys:
    def __init__(self, held):
        self.key = held.__getitem__


def test_a_repeated_scan_is_the_same_permit(house):
    house.register()

    first, again = (
        house.post("/v1/containers/GL-1/permits", role="collector", key="scan-1") for _ in range(2)
    )

    assert first.content == again.content
    assert len(house.container().leases) == 1


def test_what_does_not_fit_is_refused_at_the_scan(house):
    house.register()
    path = "/v1/containers/GL-1/permits"

    wrong = house.post(path, {"materials": [LITHIUM]}, role="collector")
    house.do("GL-1", "losses", reason="gone")
    lost = house.post(path, role="collector")

    assert code(wrong) == (409, "tracking.wrong_material")
    assert code(lost) == (409, "tracking.container_lost")
    assert house.post(path, role="operator").status_code == 403


def test_no_more_permits_are_out_than_allowed_when_collectors_race(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as house:
        house.register()
        path = "/v1/containers/GL-1/permits"
        with house.serving(permits_live_max="5") as (_, call):
            answers = house.at_once(
                20, lambda n: house.post(path, role="collector", key=f"k-{n}", call=call)
            )

        assert sorted(answer.status_code for answer in answers) == [201] * 5 + [409] * 15
        assert len(house.container().leases) == 5


def test_lists_are_paged_by_tag_and_narrowed(house):
    for number in range(7):
        house.register(f"GL-{number}", place_id="depot-1" if number % 2 else None)
    house.do("GL-3", "losses", reason="gone")

    first = house.get("/v1/containers", limit=3)
    rest = house.get("/v1/containers", limit=3, cursor=first.json()["next"]).json()

    assert [each["tag"] for each in first.json()["items"]] == ["GL-0", "GL-1", "GL-2"]
    assert [each["tag"] for each in rest["items"]] == ["GL-3", "GL-4", "GL-5"]
    assert 'rel="next"' in first.headers["link"]
    assert tags(house, state="lost") == ["GL-3"]
    assert tags(house, holder="place/depot-1") == ["GL-1", "GL-3", "GL-5"]
    assert tags(house, material=LITHIUM) == []
    assert tags(house, state="empty", material=LEAD, limit=2) == ["GL-0", "GL-1"]
    assert code(house.get("/v1/containers", cursor="nonsense")) == (400, "paging.cursor")


def tags(house, **where):
    return [each["tag"] for each in house.get("/v1/containers", **where).json()["items"]]

"""Containers over real MongoDB: their API from the first tag to the last label."""

from datetime import UTC, datetime

import pytest

from services.tracking.domain import container_custody as custody
from services.tracking.domain.container import SYSTEM, Reservation
from services.tracking.domain.tags import own_tag
from shared.contracts.container_life import ContainerSealed
from shared.http.keys import key_set
from shared.permits.model import Use
from shared.permits.tokens import Verdict, judged
from tests.integration.tracking_house import house_of
from tests.unit.tracking.builders import (
    FACILITY,
    LEAD,
    LITHIUM,
    VEHICLE,
    history,
    in_order,
    lot,
    unloading,
)

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held


def battery(mass_g=9_000, *, tag="GL-1", lot_id="lot-9"):
    return lot(lot_id, mass_g, material=LEAD, tag=tag)


def filled(house, mass_g=9_000):
    house.register()
    house.react(*in_order(*history((battery(mass_g),))))


def ship(house, tag="GL-1"):
    """What a consignment does with a sealed container, up to its receiver."""
    acts = (
        lambda c: custody.reserve(c, Reservation("c-1", "c-1:1"), at=now(), by=SYSTEM),
        lambda c: custody.depart(c, holder="vehicle/carrier-1", at=now(), by=SYSTEM),
        lambda c: custody.receive(c, holder="party/smelter-1", at=now(), by=SYSTEM),
    )
    for act in acts:
        house.wiring.containers.change(tag, act)
    house.follow()


def now():
    return datetime.now(UTC).replace(microsecond=0)


def code(answer):
    return answer.status_code, answer.json()["code"]


def test_a_sealed_container_keeps_its_net_and_the_ledger_has_the_difference(house):
    filled(house)

    sealed = house.do("GL-1", "sealings", gross_g=12_880, scale_id="scale-1").json()

    assert (sealed["state"], sealed["content_g"]) == ("sealed", 8_880)
    assert (sealed["seal"]["net_g"], sealed["seal"]["difference_g"]) == (8_880, 120)
    assert house.facts()["by_material"][LEAD]["difference"] == 120
    assert house.balances_g("difference/") == {("difference/GL-1", LEAD): 120}
    assert house.books_agree()


def test_a_repeated_seal_is_the_first_one_and_posts_once(house):
    filled(house)

    first = house.do("GL-1", "sealings", key="k", gross_g=12_880, scale_id="scale-1")
    again = house.do("GL-1", "sealings", key="k", gross_g=12_880, scale_id="scale-1")
    other = house.do("GL-1", "sealings", gross_g=12_880, scale_id="scale-1")

    assert (again.status_code, again.content) == (200, first.content)
    assert code(other) == (409, "tracking.not_possible")
    assert house.facts()["by_material"][LEAD]["difference"] == 120


def test_the_whole_life_by_the_api(house):
    filled(house)
    house.do("GL-1", "sealings", gross_g=13_000, scale_id="s", place_id="outlet-1")
    house.do("GL-1", "openings", reason="inspection")
    house.do("GL-1", "resumptions")
    house.do("GL-1", "sealings", gross_g=13_000, scale_id="s", seal_number="S-2")
    ship(house)
    emptied = house.do("GL-1", "emptyings", place_id="smelter-yard").json()
    house.do("GL-1", "cleanings")
    ready = house.do("GL-1", "readiness").json()

    assert (emptied["state"], emptied["content_g"]) == ("emptied", 0)
    assert (ready["state"], ready["fill"]) == ("empty", 2)
    assert house.balances_g("place/smelter-yard") == {("place/smelter-yard", LEAD): 9_000}
    assert house.books_agree()
    retired = house.do("GL-1", "retirements", reason="worn").json()
    assert retired["state"] == "retired"


def test_what_is_with_a_receiver_is_delivered(house):
    filled(house)
    house.do("GL-1", "sealings", gross_g=13_000, scale_id="s")

    ship(house)

    assert house.facts()["by_material"][LEAD]["delivered"] == 9_000
    assert house.books_agree()


def test_a_lost_container_that_is_given_up_is_a_declared_loss(house):
    filled(house)

    lost = house.do("GL-1", "losses", reason="not-on-board").json()
    found = house.do("GL-1", "findings", place_id="depot-1").json()
    house.do("GL-1", "losses", reason="not-on-board")
    gone = house.do("GL-1", "write-offs", reason="search-ended").json()

    assert (lost["state"], found["state"], gone["state"]) == ("lost", "in-use", "written-off")
    assert house.facts()["by_material"][LEAD]["loss"] == 9_000
    assert house.books_agree()


def test_a_damaged_container_is_told_with_its_overpack(house):
    filled(house)

    damaged = house.do("GL-1", "damages", reason="dropped", overpack_tag="GL-9").json()

    assert (damaged["state"], damaged["damaged"], damaged["overpack_tag"]) == (
        "damaged",
        True,
        "GL-9",
    )


@pytest.mark.parametrize(
    ("act", "said", "refusal"),
    [
        ("sealings", {"gross_g": 3_999, "scale_id": "s"}, (422, "tracking.below_tare")),
        ("sealings", {"gross_g": -1, "scale_id": "s"}, (422, "http.invalid_input")),
        ("openings", {"reason": "inspection"}, (409, "tracking.not_possible")),
        ("emptyings", {}, (409, "tracking.not_possible")),
        ("retirements", {"reason": "worn"}, (409, "tracking.not_possible")),
        ("readiness", {}, (409, "tracking.not_possible")),
        ("openings", {}, (422, "http.invalid_input")),
    ],
)
def test_what_cannot_be_is_refused_with_its_code(house, act, said, refusal):
    filled(house)

    assert code(house.do("GL-1", act, **said)) == refusal
    assert house.container().content_g == 9_000


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
    assert "material" not in made.json()
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
    assert code(house.get("/v1/containers", cursor="nonsense")) == (422, "paging.cursor")


def tags(house, **where):
    return [each["tag"] for each in house.get("/v1/containers", **where).json()["items"]]


def test_the_history_tells_who_did_what_and_which_lots_came_from_where(house):
    filled(house)
    house.react(*in_order(unloading()))
    house.do("GL-1", "sealings", role="collector", gross_g=13_000, scale_id="s")
    house.do("GL-1", "openings", reason="inspection")

    told = house.get("/v1/containers/GL-1/history").json()

    acts = [(step["act"], step.get("role"), step.get("holder")) for step in told["items"]]
    assert acts == [
        ("register", "collector", None),
        ("fill", None, None),
        ("move", "system", f"place/{FACILITY}"),
        ("seal", "collector", f"place/{FACILITY}"),
        ("open", "operator", f"place/{FACILITY}"),
    ]
    assert told["items"][1]["pickup_id"] == "pickup-1"
    assert told["items"][1]["lots"][0]["mass_g"] == 9_000
    assert told["items"][4]["reason"] == "inspection"


def test_the_history_of_a_fill_that_is_over_is_kept(house):
    filled(house)
    house.do("GL-1", "sealings", gross_g=13_000, scale_id="s")
    ship(house)
    for act in ("emptyings", "cleanings", "readiness"):
        house.do("GL-1", act)
    path = "/v1/containers/GL-1/history"

    past = house.get(path, fill=1, limit=2).json()
    on = house.get(path, fill=1, limit=50, cursor=past["next"]).json()

    assert [step["act"] for step in past["items"]] == ["register", "fill"]
    assert [step["act"] for step in on["items"]][-2:] == ["empty", "clean"]
    assert [s["act"] for s in house.get(path).json()["items"]] == ["ready"]
    assert code(house.get(path, fill=3)) == (404, "container.no_such_fill")


def test_a_label_is_a_pdf(house):
    house.register(volume_l=60)

    label = house.get("/v1/containers/GL-1/label.pdf", role="collector")

    assert label.headers["content-type"] == "application/pdf"
    assert label.content.startswith(b"%PDF-")


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("/v1/containers", {"operator", "collector", "company", "regulator"}),
        ("/v1/containers/GL-1", {"operator", "collector", "company", "regulator", "resident"}),
        ("/v1/containers/GL-1/history", {"operator", "regulator"}),
        ("/v1/containers/GL-1/label.pdf", {"operator", "collector", "company", "regulator"}),
    ],
)
def test_who_may_read(house, path, allowed):
    house.register()

    for role in ("operator", "collector", "company", "regulator", "resident"):
        status = house.get(path, role=role).status_code
        assert status == (200 if role in allowed else 403), role


STAFF = {"operator", "collector"}


@pytest.mark.parametrize(
    ("act", "allowed"),
    [
        ("sealings", STAFF),
        ("openings", STAFF),
        ("resumptions", STAFF),
        ("damages", STAFF),
        ("losses", STAFF),
        ("findings", STAFF),
        ("permits", {"collector"}),
        ("emptyings", {"operator"}),
        ("cleanings", {"operator"}),
        ("readiness", {"operator"}),
        ("write-offs", {"operator"}),
        ("retirements", {"operator"}),
    ],
)
def test_who_may_act(house, act, allowed):
    house.register()

    for role in ("operator", "collector", "company", "regulator", "resident"):
        answer = house.do("GL-1", act, role=role)
        assert (answer.status_code != 403) == (role in allowed), role


def test_events_are_told_in_the_order_of_a_containers_steps(house):
    filled(house)
    house.do("GL-1", "sealings", gross_g=13_000, scale_id="s")
    house.do("GL-1", "openings", reason="inspection")

    steps = [each.step for each in house.heard if getattr(each, "step", None)]

    assert steps == [1, 2, 3, 4]
    (sealed,) = [each for each in house.heard if isinstance(each, ContainerSealed)]
    assert sealed.holder == f"vehicle/{VEHICLE}"

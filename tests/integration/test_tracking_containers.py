"""Containers over real MongoDB: their API from the first tag to the last label."""

from datetime import UTC, datetime

import pytest

from services.tracking.domain import container_custody as custody
from services.tracking.domain.container import SYSTEM, Reservation
from shared.contracts.container_life import ContainerSealed
from tests.integration.tracking_house import house_of
from tests.unit.tracking.builders import (
    FACILITY,
    LEAD,
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
    assert told["items"][1]["source"] == "door"
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

"""Quarantine over real MongoDB: tasks in pages, resolved once, and every gram followed."""

import httpx
import pytest

from tests.chaos.processes import KILLED
from tests.integration.tracking_house import house_of
from tests.unit.tracking.builders import (
    COMMUNITY,
    LEAD,
    PICKUP,
    VEHICLE,
    history,
    in_order,
    lot,
)

pytestmark = pytest.mark.integration

OTHER_COMMUNITY = "350203001001"


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        yield held


def stray(mass_g=9_000, tag="GL-LOST"):
    return lot("lot-9", mass_g, material=LEAD, tag=tag)


def tasks(house, **where):
    return house.get("/v1/quarantine", **where).json()["items"]


def resolve(house, task_id, resolution, target=None, *, follow=True, **who):
    said = {"resolution": resolution, "target": target, "reason": "tag-read-again"}
    body = {name: value for name, value in said.items() if value is not None}
    answer = house.post(f"/v1/quarantine/{task_id}/resolutions", body, **who)
    if follow:
        house.follow()
    return answer


def fill_quarantine(house, count):
    """Pickups of which every other one is of another community, each with a stray lot."""
    weighings = [
        history((stray(1_000 + n),), pickup_id=f"pickup-{n:03}")[0].model_copy(
            update={"community_code": OTHER_COMMUNITY if n % 2 else COMMUNITY}
        )
        for n in range(count)
    ]
    house.react(*in_order(*weighings))


def test_a_person_moves_a_lot_to_a_container(house):
    house.register()
    house.react(*in_order(*history((stray(),))))
    (task,) = tasks(house)

    resolved = resolve(house, task["task_id"], "to-container", "GL-1").json()

    assert (resolved["state"], resolved["resolution"]["subject"]) == ("resolved", "operator-1")
    assert house.balances_g("vehicle/") == {
        (f"vehicle/{VEHICLE}/container/GL-1", LEAD): 9_000,
    }
    assert house.container().content_g == 9_000
    assert tasks(house) == []
    (done,) = tasks(house, state="resolved")
    assert (done["mass_g"], done["resolution"]["target"]) == (0, "GL-1")
    assert house.books_agree()


@pytest.mark.parametrize(
    ("resolution", "target", "account"),
    [
        ("to-place", "outlet-1", "place/outlet-1"),
        ("accept", None, f"vehicle/{VEHICLE}"),
    ],
)
def test_a_lot_goes_where_a_person_says(house, resolution, target, account):
    house.react(*in_order(*history((stray(),))))
    (task,) = tasks(house)

    resolve(house, task["task_id"], resolution, target)

    assert house.balances_g(account) == {(account, LEAD): 9_000}
    assert house.balances_g("quarantine/") == {}
    assert house.books_agree()


def test_a_repeat_has_one_effect_and_another_person_is_told(house):
    house.react(*in_order(*history((stray(),))))
    (task,) = tasks(house)

    first = resolve(house, task["task_id"], "to-place", "outlet-1", key="k")
    again = resolve(house, task["task_id"], "to-place", "outlet-1", key="k")
    other = resolve(house, task["task_id"], "accept")

    assert again.content == first.content
    assert (other.status_code, other.json()["code"]) == (409, "tracking.task_resolved")
    assert house.balances_g("place/") == {("place/outlet-1", LEAD): 9_000}


def test_what_follows_from_a_resolution_follows_once_however_often_it_comes(house):
    house.register()
    house.react(*in_order(*history((stray(),))))
    (task,) = tasks(house)
    resolve(house, task["task_id"], "to-container", "GL-1", follow=False)

    house.follow(times=3)

    assert house.container().content_g == 9_000
    assert house.books_agree()


def test_a_container_that_is_sealed_meanwhile_gives_the_task_back(house):
    house.register()
    house.react(*in_order(*history((stray(100, "GL-1"),), pickup_id="pickup-2"), *strays()))
    (task,) = tasks(house)
    resolve(house, task["task_id"], "to-container", "GL-1", follow=False)

    house.do("GL-1", "sealings", gross_g=4_100, scale_id="s")

    (back,) = tasks(house)
    assert [each["reason"] for each in back["refusals"]] == ["tracking.container_sealed"]
    assert house.books_agree()


def strays():
    return [history((stray(),))[0]]


def test_tasks_are_paged_oldest_first_and_none_is_missed(house):
    fill_quarantine(house, 25)

    seen, cursor = [], None
    while True:
        page = house.get("/v1/quarantine", limit=10, **({"cursor": cursor} if cursor else {}))
        seen += [each["pickup_id"] for each in page.json()["items"]]
        cursor = page.json().get("next")
        if cursor is None:
            break
        assert 'rel="next"' in page.headers["link"]

    assert len(seen) == 25
    assert len(set(seen)) == 25


def test_more_than_a_thousand_lots_are_all_there(house):
    fill_quarantine(house, 1_050)

    seen, cursor = 0, None
    while seen == 0 or cursor:
        page = house.get(
            "/v1/quarantine", limit=200, **({"cursor": cursor} if cursor else {})
        ).json()
        seen, cursor = seen + len(page["items"]), page.get("next")

    assert seen == 1_050
    assert house.facts()["quarantined_lots"] == house.facts()["open_tasks"] == 1_050


def test_tasks_are_narrowed(house):
    fill_quarantine(house, 4)

    assert len(tasks(house, community_code=COMMUNITY)) == 2
    assert len(tasks(house, reason="tracking.unknown_tag", material=LEAD)) == 4
    assert len(tasks(house, container_tag="GL-OTHER")) == 0
    (one,) = tasks(house, pickup_id="pickup-001")
    assert house.get(f"/v1/quarantine/{one['task_id']}").json() == one


def test_a_regulator_sees_the_own_area_only(house):
    fill_quarantine(house, 4)
    other = tasks(house, community_code=OTHER_COMMUNITY)[0]

    listed = house.get("/v1/quarantine", role="regulator", area="3501").json()["items"]
    hidden = house.get(f"/v1/quarantine/{other['task_id']}", role="regulator", area="3501")

    assert {each["community_code"] for each in listed} == {COMMUNITY}
    assert (hidden.status_code, hidden.json()["code"]) == (404, "task.not_found")


@pytest.mark.parametrize("role", ["collector", "company", "regulator", "resident"])
def test_only_an_operator_resolves(house, role):
    house.react(*in_order(*history((stray(),))))
    (task,) = tasks(house)

    assert resolve(house, task["task_id"], "accept", role=role).status_code == 403


@pytest.mark.parametrize(
    ("ruling", "refusal"),
    [
        (("to-container", None), (422, "tracking.resolution")),
        (("accept", "GL-1"), (422, "tracking.resolution")),
        (("burn", None), (422, "http.invalid_input")),
        (("to-container", "GL-NONE"), (404, "container.not_found")),
    ],
)
def test_refuses_what_cannot_be_done(house, ruling, refusal):
    house.react(*in_order(*history((stray(),))))
    (task,) = tasks(house)

    refused = resolve(house, task["task_id"], *ruling)

    assert (refused.status_code, refused.json()["code"]) == refusal
    assert len(tasks(house)) == 1


def test_an_unknown_task_is_not_found(house):
    assert resolve(house, "no-such-task", "accept").status_code == 404


def test_two_persons_race_and_one_wins(house):
    house.react(*in_order(*history((stray(),))))
    (task,) = tasks(house)
    path = f"/v1/quarantine/{task['task_id']}/resolutions"

    with house.serving() as (_, call):
        answers = house.at_once(
            10,
            lambda n: house.post(
                path,
                {"resolution": "to-place", "target": f"outlet-{n}", "reason": "seen"},
                key=f"k-{n}",
                call=call,
            ),
        )
    house.follow()

    assert sorted(answer.status_code for answer in answers) == [200] + [409] * 9
    assert sum(house.balances_g("place/").values()) == 9_000
    assert len(house.balances_g("place/")) == 1
    assert house.wiring.journals.get(PICKUP).state.quarantined() == {}


@pytest.mark.chaos
def test_a_server_that_dies_at_a_resolution_has_resolved_it_once(house):
    house.react(*in_order(*history((stray(),))))
    (task,) = tasks(house)
    path = f"/v1/quarantine/{task['task_id']}/resolutions"
    said = {"resolution": "to-place", "target": "outlet-1", "reason": "seen"}

    with house.serving(crash_at="outbox.write.after:1") as (process, call):
        with pytest.raises(httpx.TransportError):
            house.post(path, said, key="k", call=call)
        assert process.wait(timeout=30) == KILLED
    other = house.post(path, {**said, "target": "outlet-2"}, key="k-2")
    again = house.post(path, said, key="k")
    house.follow(times=2)

    assert (other.status_code, other.json()["code"]) == (409, "tracking.task_resolved")
    assert (again.status_code, again.json()["resolution"]["target"]) == (200, "outlet-1")
    assert house.balances_g("place/") == {("place/outlet-1", LEAD): 9_000}
    assert house.books_agree()


def test_corrections_that_race_with_persons_leave_each_gram_where_the_last_word_puts_it(house):
    """Of every other pickup the correction finds the tag; of the rest it says fewer grams."""
    house.register(limit_g=1_000_000)
    pickups = [f"pickup-{n}" for n in range(12)]
    told = [
        history(
            (stray(9_000),), (stray(9_000, "GL-1") if n % 2 else stray(5_000),), pickup_id=pickup
        )
        for n, pickup in enumerate(pickups)
    ]
    events = in_order(*(each for history_of in told for each in history_of))
    weighed, corrected = events[0::2], events[1::2]
    house.react(*weighed)
    task_of = {each["pickup_id"]: each["task_id"] for each in tasks(house)}
    read = house.reader()

    def act(number):
        pickup = pickups[number // 2]
        if number % 2:
            return resolve(house, task_of[pickup], "to-place", "outlet-1", follow=False)
        return read(corrected[number // 2])

    answers = house.at_once(2 * len(pickups), act)
    house.follow(times=2)

    assert {each.status_code for each in answers if each is not None} == {200}
    assert house.container().content_g == 6 * 9_000
    assert house.balances_g("place/") == {("place/outlet-1", LEAD): 6 * 5_000}
    assert house.balances_g("quarantine/") == {}
    assert tasks(house) == []
    assert house.books_agree()

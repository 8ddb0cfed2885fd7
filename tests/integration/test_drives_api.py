"""Who sees what of sites, drives, visits, sign-ups and campaigns; lists, pages, personal data."""

from datetime import timedelta

import pytest

from services.collection.application.campaigns import publish_boards
from services.collection.application.drive_series import plan_ahead
from tests.integration.drives_house import NAMED, STAND_IN, drive_house_of, lot

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with drive_house_of(mongodb_uri, tmp_path) as held:
        yield held


def ids(page):
    return [each["drive_id"] for each in page["items"]]


def test_planned_drives_are_hidden_until_they_are_announced(house):
    drive_id = house.plan()
    hidden = house.get(f"/drives/{drive_id}", role="resident")
    mine = house.get(f"/drives/{drive_id}", role="collector", subject=NAMED)
    listed = [house.get("/drives", role=role).json() for role in ("resident", "operator")]
    house.act(drive_id, "announcement", role="operator")

    assert (hidden.status_code, mine.status_code) == (404, 200)
    assert [ids(each) for each in listed] == [[], [drive_id]]
    assert ids(house.get("/drives", role="resident").json()) == [drive_id]


def test_lists_go_by_begin_and_on_behind_a_cursor(house):
    planned = [house.plan(after=timedelta(hours=n % 3), site_id="site-1") for n in range(7)]
    for drive_id in planned:
        house.act(drive_id, "announcement", role="operator")
    pages, cursor = [], {}
    while True:
        page = house.get("/drives", role="resident", limit=3, **cursor).json()
        pages.append(ids(page))
        if "next" not in page or page["next"] is None:
            break
        cursor = {"cursor": page["next"]}

    listed = [each for page in pages for each in page]
    begins = [house.state(each).window_start for each in listed]
    assert [len(page) for page in pages] == [3, 3, 1]
    assert sorted(listed) == sorted(planned)
    assert begins == sorted(begins)


def test_lists_are_narrowed_by_day_state_site_and_area(house):
    today = house.plan()
    later = house.plan(after=timedelta(days=3))
    house.act(later, "cancellation", {"reason": "holiday"}, role="operator")
    day = (house.begin + timedelta(hours=8)).date().isoformat()

    def listed(role="operator", **asked):
        area = asked.pop("area", None)
        return ids(house.get("/drives", role=role, area=area, **asked).json())

    assert listed(service_day=day) == [today]
    assert listed(state="cancelled") == [later]
    assert listed(site_id="nowhere") == []
    assert listed("regulator", area="3501") == [today, later]
    assert listed("regulator", area="3502") == []
    assert house.get(f"/drives/{today}", role="regulator", area="3502").status_code == 404


def test_a_collector_sees_the_own_drives_of_the_day(house):
    mine = house.plan()
    house.plan(collector_id="collector-7", after=timedelta(days=2))
    other = house.plan(collector_id="collector-7", stand_in_id=STAND_IN)

    def drives_of(subject, **asked):
        return ids(house.get("/my-drives", role="collector", subject=subject, **asked).json())

    assert drives_of(NAMED) == [mine]
    assert drives_of("collector-7") == [other]
    assert drives_of(STAND_IN) == []
    house.clock.instant = house.begin + timedelta(minutes=31)
    house.work()
    assert drives_of(STAND_IN) == [other]


def test_visits_and_totals_are_for_the_crew_staff_and_the_own_household(house):
    drive_id = house.plan()
    household = house.household()
    signed = house.post(f"/drives/{drive_id}/sign-ups", {"household_id": household})
    house.clock.instant = house.begin
    house.open(drive_id)
    own = house.visit(drive_id, sign_up_id=signed.json()["sign_up_id"]).json()
    house.visit(drive_id, lot(mass_g=900))
    house.act(drive_id, "closing")
    paths = [f"/drives/{drive_id}/{what}" for what in ("visits", "totals", "tickets", "sign-ups")]

    def status(path, role, subject=None, area=None):
        return house.get(path, role=role, subject=subject, area=area).status_code

    assert own["household_id"] == household
    for path in paths:
        assert status(path, "collector", NAMED) == status(path, "operator") == 200
        assert status(path, "regulator", area="35") == 200
        assert status(path, "collector", "collector-9") == 403
        assert status(path, "resident") == 403
        assert status(path, "regulator", area="36") == 404
    mine = house.get("/visits", role="resident").json()["items"]
    assert [each["visit_id"] for each in mine] == [own["visit_id"]]
    assert status(f"/drives/{drive_id}/visits/1", "resident") == 200
    assert status(f"/drives/{drive_id}/visits/2", "resident") == 403
    assert house.get("/visits", role="resident", subject="resident-2").json()["items"] == []
    assert house.get(f"/drives/{drive_id}", role="resident").json().get("totals") is None
    assert house.get(f"/drives/{drive_id}", role="operator").json()["totals"]["visits"] == 2


def test_pages_of_visits_go_on_behind_a_cursor(house):
    drive_id = house.opened()
    for number in range(5):
        house.visit(drive_id, lot(mass_g=10 + number))
    first = house.get(f"/drives/{drive_id}/visits", role="operator", limit=3).json()
    second = house.get(
        f"/drives/{drive_id}/visits", role="operator", limit=3, cursor=first["next"]
    ).json()

    tickets = [each["ticket"] for page in (first, second) for each in page["items"]]
    assert sorted(tickets) == [1, 2, 3, 4, 5]
    assert second.get("next") is None


@pytest.mark.parametrize("cursor", ["x", "WzEsICJhIl0", "WzEwMDAwMDAwMDAwMDAwMDAwLCJhIl0"])
def test_a_cursor_that_was_never_given_is_refused_or_leads_nowhere(house, cursor):
    answer = house.get("/drives", role="operator", cursor=cursor)

    assert answer.status_code in (200, 400)


def test_a_series_plans_its_drives_and_an_amended_one_fewer(house):
    body = {
        "site_id": "site-1",
        "rule": "FREQ=DAILY",
        "first_day": house.begin.date().isoformat(),
        "begins_at": "23:30",
        "lasts_min": 30,
        "horizon_days": 5,
        "terms": house.terms(),
    }
    begun = house.post("/drive-series", body, role="operator")
    planned = len(house.get("/drives", role="operator").json()["items"])
    series_id = begun.json()["series_id"]
    last = {"ends_on": house.begin.date().isoformat()}
    amended = house.post(f"/drive-series/{series_id}/amendments", last, role="operator")
    house.clock.advance(timedelta(days=3))

    assert planned in (5, 6)
    assert amended.json()["ends_on"] == last["ends_on"]
    assert plan_ahead(desk=house.desk) == 0
    assert house.get(f"/drive-series/{series_id}", role="operator").json()["rule"] == "FREQ=DAILY"
    bad = house.post("/drive-series", {**body, "rule": "FREQ=HOURLY"}, role="operator")
    assert (bad.status_code, bad.json()["code"]) == (422, "series.rule")


def test_the_board_is_for_everybody_and_tells_of_nobody(house):
    campaign = {
        "title": "Autumn term",
        "first_day": "2026-09-01",
        "last_day": "2027-01-31",
        "goals": [{"material": "textiles", "mass_g": 5_000}],
    }
    begun = house.post("/campaigns", campaign, role="operator").json()["campaign_id"]
    drive_id = house.plan(campaign_id=begun)
    homes = [house.household() for _ in range(5)]
    signed = [house.post(f"/drives/{drive_id}/sign-ups", {"household_id": h}) for h in homes]
    house.clock.instant = house.begin
    house.open(drive_id)
    for each in signed:
        house.visit(drive_id, lot(mass_g=600), sign_up_id=each.json()["sign_up_id"])
    house.act(drive_id, "closing")

    def board():
        publish_boards(desk=house.desk)
        return house.call("GET", f"/v1/campaigns/{begun}/board").json()

    shown = board()
    house.visit(drive_id, lot(mass_g=55))

    assert shown["ranking"] == [{"rank": 1, "site_id": "site-1", "mass_g": 3_000}]
    assert shown["progress"] == [{"material": "textiles", "goal_g": 5_000, "tenths": 6}]
    assert board() == shown
    listed = house.get("/campaigns", role="company").json()["items"]
    assert [each["campaign_id"] for each in listed] == [begun]
    assert house.get(f"/campaigns/{begun}", role="resident").json()["k"] == 5


@pytest.mark.parametrize(
    ("what", "body", "roles"),
    [
        ("announcement", {}, {"operator"}),
        ("appointment", {"collector_id": "x"}, {"operator"}),
        ("cancellation", {"reason": "weather"}, {"operator"}),
        ("closing", {}, {"operator", "collector"}),
        ("abort", {"reason": "storm"}, {"operator", "collector"}),
        ("tickets", {"device_id": "d", "count": 2}, {"operator", "collector"}),
        ("voids", {"first": 1, "last": 1, "reason": "torn"}, {"operator", "collector"}),
        ("check-ins", {"device_id": "d"}, {"operator", "collector"}),
        ("sign-ups", {"household_id": "h"}, {"operator", "resident"}),
        ("withdrawals", {"household_id": "h"}, {"operator", "resident"}),
    ],
)
def test_each_act_is_for_its_roles(house, what, body, roles):
    drive_id = house.plan()
    everybody = ("resident", "collector", "company", "operator", "regulator")

    forbidden = {
        role
        for role in everybody
        if house.act(drive_id, what, body, role=role).json().get("code") == "auth.role"
    }

    assert forbidden == set(everybody) - roles


def test_a_key_is_for_one_body_also_for_tickets(house):
    drive_id = house.opened()
    leased = house.act(drive_id, "tickets", {"device_id": "d", "count": 2}, key="key")
    again = house.act(drive_id, "tickets", {"device_id": "d", "count": 2}, key="key")
    other = house.act(drive_id, "tickets", {"device_id": "d", "count": 3}, key="key")

    assert leased.json() == again.json()
    assert (other.status_code, other.json()["code"]) == (422, "idempotency.body_differs")


def test_staff_finds_the_visits_that_wait_for_a_person(house):
    drive_id = house.opened()
    house.lease(drive_id, 3)
    for ticket in (1, 2, 3):
        house.visit(drive_id, lot(mass_g=1_000), ticket=ticket)
        house.clock.advance(timedelta(seconds=1))
    for ticket in (3, 1):
        house.visit(drive_id, lot(mass_g=2_000), ticket=ticket, device="device-2")
        house.clock.advance(timedelta(seconds=1))

    def waiting(**asked):
        return house.get("/visit-reviews", role="operator", **asked).json()

    first = waiting(limit=1)
    second = waiting(limit=1, cursor=first["next"])
    resolution = f"{drive_id}/visits/3/reviews/visit.second/resolution"
    house.post(f"/drives/{resolution}", {"reason": "first-is-right"}, role="operator")

    tickets = [[each["ticket"] for each in page["items"]] for page in (first, second, waiting())]
    assert tickets == [[3], [1], [1]]
    assert second["next"] is None
    assert house.get("/visit-reviews", role="collector").status_code == 403
    bad = house.get("/visit-reviews", role="operator", cursor="x")
    assert (bad.status_code, bad.json()["code"]) == (400, "paging.cursor")

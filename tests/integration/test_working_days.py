"""A year's notice is told to a running service: deadlines are counted by it, in every process."""

import pytest

from services.collection.bootstrap import Wiring
from tests.integration.collection_house import COMMUNITY, house_of, service_day
from tests.polling import eventually

pytestmark = pytest.mark.integration


@pytest.fixture
def house(mongodb_uri, tmp_path):
    with house_of(mongodb_uri, tmp_path) as held:
        held.open_slot()
        yield held


def notice(*days, source="通知", works=False):
    held = [{"day": day.isoformat(), "works": works, "name": "节"} for day in days]
    return {"source": source, "days": held}


def test_the_published_year_is_there_without_being_told(house):
    shown = house.get("/working-days", year=2026).json()

    assert (shown["provisional"], "2026" in shown["source"]) == (False, True)
    assert {"day": "2026-02-14", "works": True, "name": "调休上班"} in shown["days"]
    assert house.get("/working-days", year=2027).json()["provisional"]


def test_a_notice_moves_an_open_cut_off_in_every_process(house):
    other_process = Wiring(house.settings)
    off = [service_day(ahead) for ahead in range(4)]
    rules = {"book": {"at": "23:59", "days_before": 1, "working_days": True}}
    house.post(f"/communities/{COMMUNITY}/rules", rules, role="operator")
    household = house.household()

    for year in {day.year for day in off}:
        days = notice(*(day for day in off if day.year == year))
        assert house.post(f"/working-days/{year}", days, role="operator").status_code == 200

    eventually(lambda: house.book(household).json().get("code") == "collection.too_late")
    eventually(lambda: other_process.desk.working_days.add(off[0], 1) > off[-1])
    other_process.client.close()


def test_only_an_operator_tells_and_nonsense_is_refused(house):
    body = notice(service_day(1))
    year = service_day(1).year

    resident = house.post(f"/working-days/{year}", body)
    other_year = house.post(f"/working-days/{year + 1}", body, role="operator")
    once = house.post(f"/working-days/{year}", body, role="operator", key="one")
    again = house.post(f"/working-days/{year}", body, role="operator", key="one")

    assert resident.status_code == 403
    assert (other_year.status_code, other_year.json()["code"]) == (422, "working_days.other_year")
    assert (once.status_code, again.content) == (200, once.content)
    assert house.get("/working-days", year=year).json() == once.json()

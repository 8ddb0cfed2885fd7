"""Every list of drives, visits and sign-ups walks along its index, as those of pickups do.

On 1,500 drives of two years; `make bench PART=search` times the same on a million.
"""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest

from services.collection.adapters import drive_lists, visit_lists
from services.collection.adapters.drive_announcements import announce_drive
from services.collection.adapters.drive_lists import MongoDriveLists, WantedDrives
from services.collection.adapters.mongo_drives import MongoDriveSearch, announce_step
from services.collection.domain.drive import Drive
from services.collection.domain.signup import SignUp
from services.collection.domain.visit import Visit
from shared.kernel.ids import new_id
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import database
from tests.bench import many_drives
from tests.bench.plans import plan_of
from tests.unit.collection.drive_builders import NOW

pytestmark = pytest.mark.integration

COUNT = 1_500
CODES = [f"3501{county:02}{street:03}001" for county in (2, 3) for street in range(1, 90)]
CODE, STREET = CODES[3], CODES[3][:9]
SCOPES = {
    "all": {},
    "community": {"community_code": CODE},
    "site": {"site_id": f"site-{CODE}-1"},
    "campaign": {"campaign_id": "campaign-3"},
    "city": {"area": "3501"},
    "county": {"area": "350102"},
    "street": {"area": STREET},
    "elsewhere": {"area": "99"},
}
STATES = {"any": {}, "closed": {"state": "closed"}, "rare": {"state": "aborted"}}
TIMES = {"ever": {}, "a day": {"first": NOW, "end": NOW + timedelta(days=1)}}
WHO = {"staff": {}, "public": {"hides_planned": True}}
WANTED = {
    "-".join(names): WantedDrives(
        **SCOPES[names[0]], **STATES[names[1]], **TIMES[names[2]], **WHO[names[3]]
    )
    for names in product(SCOPES, STATES, TIMES, WHO)
}


@pytest.fixture(scope="module")
def city(mongo_client):
    made = database(mongo_client, f"test_{new_id().replace('-', '')}")
    many_drives.fill(made, COUNT, communities=CODES)
    yield made
    mongo_client.drop_database(made.name)


def aggregates(city, name, state_type):
    return MongoAggregates(city[name], kind=name, state_type=state_type, announce=announce_drive)


@pytest.fixture(scope="module")
def lists(city):
    held = MongoDriveLists(aggregates(city, "drives", Drive))
    held.prepare()
    return held


def check(collection, step, limit=21):
    plan = plan_of(collection, step, limit=limit)
    assert {"COLLSCAN", "SORT"}.isdisjoint(plan.stages), (step, plan)
    assert plan.indexes <= {step.index}
    assert plan.examined == plan.returned, (step, plan)
    return plan


def within(lists, wanted):
    is_narrow = wanted.site_id or wanted.campaign_id or wanted.community_code
    return lists.communities(wanted.area) if wanted.area and not is_narrow else None


def expected(states, wanted):
    """The drives of a list by looking at each one."""

    def is_wanted(state):
        begin, code = state["window_start"], state["site"]["community_code"]
        return (
            wanted.community_code in (None, code)
            and wanted.site_id in (None, state["site"]["site_id"])
            and wanted.campaign_id in (None, state["terms"]["campaign_id"])
            and wanted.state in (None, state["state"])
            and (wanted.first is None or wanted.first <= begin < wanted.end)
            and code.startswith(wanted.area)
            and not (wanted.hides_planned and state["state"] == "planned")
        )

    kept = [each for each in states if is_wanted(each)]
    return [d["drive_id"] for d in sorted(kept, key=lambda d: (d["window_start"], d["drive_id"]))]


def test_a_page_of_drives_walks_along_one_index_and_has_what_it_should(city, lists):
    states = [each["state"] for each in city["drives"].find({}, {"state": 1})]
    for name, wanted in WANTED.items():
        every = expected(states, wanted)
        first = lists.page(wanted, behind=None, limit=20)
        last = [(each.state.window_start, each.id) for each in first[-1:]]
        second = [lists.page(wanted, behind=key, limit=20) for key in last]
        codes = within(lists, wanted)

        for behind in (None, *last):
            for step in drive_lists.steps_of(wanted, behind, within=codes):
                check(city["drives"], step)
        found = [each.id for each in [*first, *(each for page in second for each in page)]]
        assert found == every[:40], name


def test_a_collector_sees_its_own_planned_ones_and_no_others(city, lists):
    ahead = WantedDrives(first=NOW, hides_planned=True, planned_of="collector-1")
    found = lists.page(ahead, behind=None, limit=COUNT)

    planned = {each.state.collector_id for each in found if each.state.state == "planned"}
    assert planned == {"collector-1"}
    assert len(found) > len(lists.page(replace(ahead, planned_of=None), behind=None, limit=COUNT))


def test_a_collectors_drives_walk_along_two_indexes(city, lists):
    missed = city["drives"].find_one({"state.state": "missed"})["state"]
    days = {"first": missed["window_start"], "end": missed["window_start"] + timedelta(days=9)}

    for collector_id in (missed["collector_id"], missed["terms"]["collector_id"]):
        for step in drive_lists.own_steps(collector_id, **days):
            check(city["drives"], step, limit=200)
        own = lists.of_collector(collector_id, **days)
        assert missed["drive_id"] in [each.id for each in own]
        assert [e.state.window_start for e in own] == sorted(e.state.window_start for e in own)


def test_what_is_to_be_announced_walks_along_one_index_also_of_drives_that_have_no_date(city):
    search = MongoDriveSearch(
        aggregates(city, "drives", Drive),
        aggregates(city, "visits", Visit),
        aggregates(city, "sign_ups", SignUp),
    )
    search.prepare()
    planned = [d.state for d in search._drives_where({"state.state": "planned"}, limit=COUNT)]
    due = sorted(planned, key=lambda each: (each.announce_at, each.drive_id))
    now = due[len(due) // 2].announce_at

    found = search.to_announce(now, limit=COUNT)

    assert [d.drive_id for d in found] == [d.drive_id for d in due if d.announce_at <= now]
    assert 0 < len(found) < len(due)
    assert check(city["drives"], announce_step(now), limit=COUNT).returned == len(found)


def test_communities_of_an_area_are_found_without_reading_drives(city, lists):
    asked = {"distinct": "drives", "key": drive_lists.COMMUNITY}
    asked["query"] = {drive_lists.COMMUNITY: {"$gte": STREET, "$lt": f"{STREET}:"}}
    told = city.command("explain", asked, verbosity="executionStats")["executionStats"]

    assert told["totalDocsExamined"] == 0
    assert told["totalKeysExamined"] <= 3
    assert lists.communities(STREET) == [CODE]
    assert len(lists.communities("3501")) == drive_lists.COMMUNITIES_MAX + 1


def test_open_reviews_walk_along_one_index(city):
    reviews = visit_lists.MongoVisitReviews(aggregates(city, "visits", Visit))
    reviews.prepare()
    since = NOW - timedelta(minutes=COUNT // 2)

    returned = [
        check(city["visits"], step).returned
        for behind in (None, (since, ""))
        for step in visit_lists.review_steps(behind)
    ]

    assert returned == [21, 1, 15]


def test_visits_and_sign_ups_walk_along_one_index(city):
    drive_id = many_drives.drive_id_of(7)
    homes = [f"home-{code}-{n}" for code in CODES[:20] for n in range(8)]
    visits = visit_lists.MongoListsById(
        aggregates(city, "visits", Visit), visit_lists.VISIT_INDEXES
    )
    sign_ups = visit_lists.MongoListsById(
        aggregates(city, "sign_ups", SignUp), visit_lists.SIGN_UP_INDEXES
    )
    for held, name, steps in (
        (visits, "visits", [visit_lists.visits_of_drive(drive_id), visit_lists.visits_of(homes)]),
        (
            sign_ups,
            "sign_ups",
            [visit_lists.sign_ups_for(drive_id), visit_lists.sign_ups_of(homes)],
        ),
    ):
        held.prepare()
        for step in steps:
            first = held.page(step, after_id="", limit=5)
            second = held.page(step, after_id=first[-1].id, limit=5)
            ids = [each.id for each in [*first, *second]]
            assert ids == sorted(set(ids))
            assert len(ids) == 10
            for after_id in ("", first[-1].id):
                check(city[name], visit_lists.behind(step, after_id))

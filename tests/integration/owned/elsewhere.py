"""Cells of the permission matrix whose own and other objects are told apart by other tests.

These need more than one call to arrange: members, invites, photos, streams, an erasure.
"""

RESIDENTS = "tests/integration/test_collection_residents.py"
PHOTOS = "tests/integration/test_collection_photos.py"
LIVE = "tests/integration/test_collection_live.py"
CALENDARS = "tests/integration/test_collection_calendars.py"
NOTICES = "tests/integration/test_collection_notices.py"
ERASURE = "tests/integration/test_collection_erasure.py"

ELSEWHERE = {
    "collection": {
        "resident: GET /v1/person": RESIDENTS,
        "resident: POST /v1/person": RESIDENTS,
        "resident: POST /v1/person/erasure": ERASURE,
        "resident: GET /v1/person/export": RESIDENTS,
        "resident: GET /v1/erasures/{erasure_id}": ERASURE,
        "resident: GET /v1/households": RESIDENTS,
        "resident: GET /v1/households/{household_id}": RESIDENTS,
        "resident: POST /v1/households": RESIDENTS,
        "resident: POST /v1/households/{household_id}/home": RESIDENTS,
        "resident: POST /v1/households/{household_id}/invites": RESIDENTS,
        "resident: POST /v1/households/{household_id}/members/{person_id}/role": RESIDENTS,
        "resident: POST /v1/households/{household_id}/members/{person_id}/removal": RESIDENTS,
        "resident: POST /v1/memberships": RESIDENTS,
        "resident: POST /v1/card": RESIDENTS,
        "resident: GET /v1/card.svg": RESIDENTS,
        "resident: POST /v1/pickups/{pickup_id}/photos": PHOTOS,
        "resident: GET /v1/pickups/{pickup_id}/photos/{photo_id}": PHOTOS,
        "collector: GET /v1/pickups/{pickup_id}/photos/{photo_id}": PHOTOS,
        "collector: GET /v1/stops/{pickup_id}": PHOTOS,
        "regulator: GET /v1/audits": "tests/integration/test_collection_audits.py",
        "resident: GET /v1/pickups/{pickup_id}/events": LIVE,
        "company: GET /v1/pickups/{pickup_id}/events": LIVE,
        "regulator: GET /v1/pickups/{pickup_id}/events": LIVE,
        "resident: GET /v1/notice-preferences": NOTICES,
        "resident: POST /v1/notice-preferences": NOTICES,
        "resident: POST /v1/calendars": CALENDARS,
        "resident: POST /v1/calendars/{calendar_id}/ending": CALENDARS,
    }
}

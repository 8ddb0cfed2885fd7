"""The route by which a person takes all that is kept of it, its longer lists in pages."""

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter, Response

from services.collection.adapters.mongo_feeds import MongoFeeds
from services.collection.adapters.mongo_pickups import MongoPickupSearch
from services.collection.adapters.mongo_preferences import MongoPreferences
from services.collection.adapters.mongo_series import MongoSeries
from services.collection.adapters.visit_lists import sign_ups_of, visits_of
from services.collection.application.desk import Desk
from services.collection.domain.people import Person
from services.collection.domain.pickup import Pickup
from services.collection.domain.series import Series
from services.collection.domain.signup import SignUp
from services.collection.domain.visit import Visit
from services.collection.entrypoints.calendars import calendar_view
from services.collection.entrypoints.export_view import ExportView
from services.collection.entrypoints.notices import preferences_view
from services.collection.entrypoints.people import Own, own
from services.collection.entrypoints.people_views import membership_view, person_view
from services.collection.entrypoints.series_views import series_view
from services.collection.entrypoints.views import pickup_view
from services.collection.entrypoints.visit_reading import DriveArchive
from services.collection.entrypoints.visit_views import sign_up_view, visit_view
from shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor
from shared.kernel.aggregate import Stored

TOLD_MAX = 1_000
FROM_THE_FIRST = ("", "", "", "")
Lists = tuple[
    Sequence[Stored[Pickup]],
    Sequence[Stored[Series]],
    Sequence[Stored[Visit]],
    Sequence[Stored[SignUp]],
]


@dataclass(frozen=True, slots=True)
class NoticeArchive:
    """How a person wants to be told, and which calendars it holds."""

    preferences: MongoPreferences
    calendars: MongoFeeds


@dataclass(frozen=True, slots=True)
class Archive:
    """What an export is made of."""

    desk: Desk
    search: MongoPickupSearch
    series: MongoSeries
    drives: DriveArchive
    notices: NoticeArchive


def export_router(archive: Archive) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/v1", tags=["people"])

    @router.get("/person/export")
    def export(
        caller: Own, response: Response, *, cursor: Cursor = None, limit: Limit = 50
    ) -> ExportView:
        after = tuple(map(str, decode_cursor(cursor, str, str, str, str))) if cursor else ()
        response.headers["Content-Disposition"] = 'attachment; filename="greenloop.json"'
        return _page(own(caller, archive.desk), after or FROM_THE_FIRST, archive, limit=limit)

    return router


def _page(person: Person, after: Sequence[str], archive: Archive, *, limit: int) -> ExportView:
    """Return a page: each list goes on behind its own last item, until none of them does."""
    households = [each.state for each in archive.desk.households.of_person(person.person_id)]
    lists = _lists([each.household_id for each in households], after, archive, limit=limit + 1)
    pickups, series, visits, sign_ups = lists
    calendars = archive.notices.calendars.of_holder(person.person_id, limit=TOLD_MAX)
    return ExportView(
        person=person_view(person),
        preferences=preferences_view(archive.notices.preferences.of(person.person_id)),
        households=tuple(membership_view(h, person.person_id) for h in households),
        notes=person.notes,
        cards=person.cards,
        photos=archive.desk.photos.of_person(person.person_id, limit=TOLD_MAX),
        calendars=tuple(calendar_view(each) for each in calendars),
        pickups=tuple(pickup_view(each) for each in pickups[:limit]),
        series=tuple(series_view(each) for each in series[:limit]),
        visits=tuple(visit_view(each) for each in visits[:limit]),
        sign_ups=tuple(sign_up_view(each) for each in sign_ups[:limit]),
        next=_next(lists, after, limit=limit),
    )


def _lists(
    household_ids: Sequence[str], after: Sequence[str], archive: Archive, *, limit: int
) -> Lists:
    pickups, series, visits, sign_ups = after
    ours = {"state.household_id": {"$in": list(household_ids)}}
    drives = archive.drives
    return (
        archive.search.of_households(household_ids, after_id=pickups, limit=limit),
        archive.series.page(ours, after_id=series, limit=limit),
        drives.visits.page(visits_of(household_ids), after_id=visits, limit=limit),
        drives.sign_ups.page(sign_ups_of(household_ids), after_id=sign_ups, limit=limit),
    )


def _next(lists: Lists, after: Sequence[str], *, limit: int) -> str | None:
    """Return the cursor of the page behind this one, if any list goes on."""
    if all(len(found) <= limit for found in lists):
        return None
    told = (found[:limit] for found in lists)
    last = [page[-1].id if page else key for page, key in zip(told, after, strict=True)]
    return encode_cursor(*last)

"""The route by which a person takes all that is kept of it, its longer lists in pages."""

from dataclasses import dataclass

from fastapi import APIRouter, Response

from services.collection.adapters.mongo_pickups import MongoPickupSearch
from services.collection.adapters.mongo_preferences import MongoPreferences
from services.collection.adapters.visit_lists import sign_ups_of, visits_of
from services.collection.application.desk import Desk
from services.collection.entrypoints.export_view import ExportView
from services.collection.entrypoints.notices import preferences_view
from services.collection.entrypoints.people import Own, own
from services.collection.entrypoints.people_views import membership_view, person_view
from services.collection.entrypoints.views import pickup_view
from services.collection.entrypoints.visit_reading import DriveArchive
from services.collection.entrypoints.visit_views import sign_up_view, visit_view
from shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor

PHOTOS_TOLD_MAX = 1_000
FROM_THE_FIRST = ("", "", "")


@dataclass(frozen=True, slots=True)
class Archive:
    """What an export is made of."""

    desk: Desk
    search: MongoPickupSearch
    drives: DriveArchive
    preferences: MongoPreferences


def export_router(archive: Archive) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/v1", tags=["people"])
    desk = archive.desk

    @router.get("/person/export")
    def export(
        caller: Own, response: Response, *, cursor: Cursor = None, limit: Limit = 50
    ) -> ExportView:
        person = own(caller, desk)
        households = [each.state for each in desk.households.of_person(person.person_id)]
        ids = [each.household_id for each in households]
        # Each list goes on behind its own last item, until none of them does.
        after = [str(key) for key in decode_cursor(cursor, str, str, str)] if cursor else None
        pickups_after, visits_after, sign_ups_after = after or FROM_THE_FIRST
        pickups = archive.search.of_households(ids, after_id=pickups_after, limit=limit + 1)
        visits = archive.drives.visits.page(visits_of(ids), after_id=visits_after, limit=limit + 1)
        sign_ups = archive.drives.sign_ups.page(
            sign_ups_of(ids), after_id=sign_ups_after, limit=limit + 1
        )
        response.headers["Content-Disposition"] = 'attachment; filename="greenloop.json"'
        page = ExportView(
            person=person_view(person),
            preferences=preferences_view(archive.preferences.of(person.person_id)),
            households=tuple(membership_view(h, person.person_id) for h in households),
            notes=person.notes,
            cards=person.cards,
            photos=desk.photos.of_person(person.person_id, limit=PHOTOS_TOLD_MAX),
            pickups=tuple(pickup_view(each) for each in pickups[:limit]),
            visits=tuple(visit_view(each) for each in visits[:limit]),
            sign_ups=tuple(sign_up_view(each) for each in sign_ups[:limit]),
        )
        if max(len(pickups), len(visits), len(sign_ups)) <= limit:
            return page
        following = encode_cursor(
            page.pickups[-1].pickup_id if page.pickups else pickups_after,
            page.visits[-1].visit_id if page.visits else visits_after,
            page.sign_ups[-1].sign_up_id if page.sign_ups else sign_ups_after,
        )
        return page.model_copy(update={"next": following})

    return router

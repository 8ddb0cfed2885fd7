"""The routes of a person's own data: keep, read, export, erase. Staff erase for others, audited."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from services.collection.adapters.mongo_pickups import MongoPickupSearch
from services.collection.application import erasing, residents
from services.collection.application.desk import Desk
from services.collection.domain.people import Person
from services.collection.entrypoints import people_bodies as bodies
from services.collection.entrypoints import people_views as views
from services.collection.entrypoints.http import OperatorCall
from services.collection.entrypoints.views import pickup_view
from shared.http.auth import Caller, role
from shared.http.idempotency import KeyedCall, keyed
from shared.http.paging import Cursor, Limit, decode_cursor, encode_cursor
from shared.kernel.errors import NotFound

# Of their own person, or of households that they are members of.
OwnCall = Annotated[KeyedCall, Depends(keyed("resident", own=["resident"]))]
Own = Annotated[Caller, Depends(role("resident", own=["resident"]))]
MemberCall = Annotated[KeyedCall, Depends(keyed("resident", "operator", own=["resident"]))]
Member = Annotated[Caller, Depends(role("resident", "operator", own=["resident"]))]
# Whoever comes may begin.
ComingCall = Annotated[KeyedCall, Depends(keyed("resident"))]
# Who knows an erasure's id was told it; nobody is named any more.
Knowing = Annotated[Caller, Depends(role("resident", "operator"))]
PersonId = Annotated[str, Path(max_length=64)]
PHOTOS_TOLD_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Archive:
    """What an export is made of."""

    desk: Desk
    search: MongoPickupSearch


def people_router(desk: Desk) -> APIRouter:
    """Return the routes by which a person is kept and erased."""
    router = APIRouter(prefix="/v1", tags=["people"])

    @router.post("/person", response_model=views.KeptView)
    def introduce(body: bodies.PersonBody, call: ComingCall) -> Response:
        request = call.request(200, views.kept_view)
        contact = body.to_contact()
        return call.respond(
            residents.introduce(call.caller.subject, contact, desk=desk, request=request)
        )

    @router.get("/person")
    def get_person(caller: Own) -> views.PersonView:
        return views.person_view(own(caller, desk))

    @router.post("/person/erasure", status_code=202, response_model=views.ErasureView)
    def erase_own(_body: bodies.ErasureBody, call: OwnCall) -> Response:
        request = call.request(202, views.erasure_view)
        cmd = erasing.ErasePerson(call.caller.subject)
        return call.respond(erasing.erase_person(cmd, desk=desk, request=request))

    @router.post("/people/{person_id}/erasure", status_code=202, response_model=views.ErasureView)
    def erase_for(person_id: PersonId, _body: bodies.ErasureBody, call: OperatorCall) -> Response:
        request = call.request(202, views.erasure_view)
        cmd = erasing.ErasePerson(call.caller.subject, person_id)
        return call.respond(erasing.erase_person(cmd, desk=desk, request=request))

    @router.get("/erasures/{erasure_id}")
    def get_erasure(erasure_id: PersonId, _caller: Knowing) -> views.ErasureView:
        stored = desk.people.get(erasure_id)
        if stored.state.is_active:
            raise NotFound("person.not_found", "there is no such thing")
        return views.erasure_view(stored)

    return router


def export_router(archive: Archive) -> APIRouter:
    """Return the route by which a person takes all that is kept of it."""
    router = APIRouter(prefix="/v1", tags=["people"])
    desk = archive.desk

    @router.get("/person/export")
    def export(
        caller: Own, response: Response, *, cursor: Cursor = None, limit: Limit = 50
    ) -> views.ExportView:
        person = own(caller, desk)
        households = [each.state for each in desk.households.of_person(person.person_id)]
        after_id = str(decode_cursor(cursor, str)[0]) if cursor else ""
        own_ids = [each.household_id for each in households]
        pickups = archive.search.of_households(own_ids, after_id=after_id, limit=limit + 1)
        photos = desk.photos.of_person(person.person_id, limit=PHOTOS_TOLD_MAX)
        response.headers["Content-Disposition"] = 'attachment; filename="greenloop.json"'
        return views.ExportView(
            person=views.person_view(person),
            households=tuple(views.membership_view(h, person.person_id) for h in households),
            notes=person.notes,
            cards=person.cards,
            photos=photos,
            pickups=tuple(pickup_view(each) for each in pickups[:limit]),
            next=encode_cursor(pickups[limit - 1].id) if len(pickups) > limit else None,
        )

    return router


def own(caller: Caller, desk: Desk) -> Person:
    """Return the caller's person, or raise `NotFound` (person.not_found)."""
    held = desk.people.of(caller.subject)
    if held is None:
        raise NotFound("person.not_found", "there is no such person")
    return held.state

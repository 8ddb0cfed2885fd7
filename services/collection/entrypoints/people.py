"""The routes of a person's own data: keep, read, erase. Staff erase for others, audited."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response

from services.collection.application import erasing, residents
from services.collection.application.desk import Desk
from services.collection.domain.people import Person
from services.collection.entrypoints import people_bodies as bodies
from services.collection.entrypoints import people_views as views
from services.collection.entrypoints.http import OperatorCall
from shared.http.auth import Caller, role
from shared.http.idempotency import KeyedCall, keyed
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


def own(caller: Caller, desk: Desk) -> Person:
    """Return the caller's person, or raise `NotFound` (person.not_found)."""
    held = desk.people.of(caller.subject)
    if held is None:
        raise NotFound("person.not_found", "there is no such person")
    return held.state

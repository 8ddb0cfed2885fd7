"""The routes of households: register, see, let others in and out."""

from typing import Annotated

from fastapi import APIRouter, Path, Response

from services.collection.application import members, residents
from services.collection.application.desk import Desk, membership
from services.collection.application.members import Acting
from services.collection.domain.people import Home
from services.collection.entrypoints import people_bodies as bodies
from services.collection.entrypoints import people_views as views
from services.collection.entrypoints.coding import coded
from services.collection.entrypoints.http import Office, RegistrantCall, is_staff
from services.collection.entrypoints.people import (
    ComingCall,
    Member,
    MemberCall,
    Own,
    OwnCall,
    PersonId,
    own,
)
from shared.http.idempotency import KeyedCall

HouseholdId = Annotated[str, Path(max_length=64)]


def households_router(office: Office) -> APIRouter:
    """Return the routes by which households are registered and seen."""
    router = APIRouter(prefix="/v1/households", tags=["households"])
    desk = office.desk

    @router.post("", status_code=201, response_model=views.HouseholdView)
    def register(body: bodies.HouseholdBody, call: RegistrantCall) -> Response:
        cmd = residents.RegisterHousehold(
            household_id=call.derived_id(),
            community_code=body.community_code,
            latitude=body.latitude,
            longitude=body.longitude,
            caller=call.caller.subject,
            is_staff=is_staff(call.caller),
            contact=body.to_contact(),
            address=body.address,
            access=body.access,
        )
        request = call.request(201, views.household_view)
        registered = residents.register_household(
            cmd, desk=desk, cells=office.cells, request=request
        )
        return call.respond(registered)

    @router.get("")
    def list_households(caller: Own) -> views.HouseholdsView:
        found = desk.households.of_person(own(caller, desk).person_id)
        return views.HouseholdsView(items=[views.household_view(each) for each in found])

    @router.get("/{household_id}")
    def get_household(household_id: HouseholdId, caller: Member) -> views.HouseholdPageView:
        if is_staff(caller):
            household = desk.households.get(household_id).state
        else:
            household, _ = membership(household_id, caller.subject, desk=desk)
        persons = {each.person_id: each for each in members.present(household, desk=desk)}
        return views.household_page(household, persons)

    @router.post("/{household_id}/home", response_model=views.KeptView)
    def settle(household_id: HouseholdId, body: bodies.HomeBody, call: OwnCall) -> Response:
        home = Home(household_id, body.address, body.access)
        request = call.request(200, views.kept_view)
        settled = residents.settle(call.caller.subject, home, desk=desk, request=request)
        return call.respond(settled)

    return router


def members_router(desk: Desk) -> APIRouter:
    """Return the routes by which persons join a household, and leave it."""
    router = APIRouter(prefix="/v1", tags=["households"])

    @router.post("/households/{household_id}/invites", response_model=views.CodedInviteView)
    def invite(household_id: HouseholdId, body: bodies.InviteBody, call: MemberCall) -> Response:
        request = call.request(200, views.invite_view)
        stored, code = members.invite(
            acting(household_id, call), body.role, desk=desk, request=request
        )
        return call.respond(coded(stored, code=code))

    @router.post("/memberships", response_model=views.HouseholdView)
    def join(body: bodies.MembershipBody, call: ComingCall) -> Response:
        request = call.request(200, views.household_view)
        return call.respond(
            members.join(body.code, call.caller.subject, desk=desk, request=request)
        )

    @router.post(
        "/households/{household_id}/members/{person_id}/role", response_model=views.HouseholdView
    )
    def give_role(
        household_id: HouseholdId, person_id: PersonId, body: bodies.RoleBody, call: MemberCall
    ) -> Response:
        request = call.request(200, views.household_view)
        changed = members.give_role(
            acting(household_id, call), person_id, body.role, desk=desk, request=request
        )
        return call.respond(changed)

    @router.post(
        "/households/{household_id}/members/{person_id}/removal",
        response_model=views.HouseholdView,
    )
    def remove(
        household_id: HouseholdId,
        person_id: PersonId,
        _body: bodies.RemovalBody,
        call: MemberCall,
    ) -> Response:
        request = call.request(200, views.household_view)
        left = members.remove(acting(household_id, call), person_id, desk=desk, request=request)
        return call.respond(left)

    return router


def acting(household_id: str, call: KeyedCall) -> Acting:
    """Return who acts on a household."""
    return Acting(household_id, call.caller.subject, is_staff(call.caller))

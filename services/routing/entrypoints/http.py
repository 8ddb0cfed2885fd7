"""Routing's API: fleet, plans, tours, unloadings."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from services.routing.adapters.mongo_search import MongoSearch
from services.routing.application import handlers
from services.routing.application.ports import Days, Plans, Sites, Unloadings, Vehicles
from services.routing.domain.fleet import FleetVehicle, Site
from services.routing.domain.plan import Plan, Unloading
from services.routing.entrypoints import bodies
from shared.contracts.topic import OpaqueId
from shared.http.auth import Caller, Operator, Watcher, role
from shared.http.body import Day
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.aggregate import Stored
from shared.kernel.clock import Clock, to_millisecond
from shared.kernel.errors import NotFound

OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]
CollectorCall = Annotated[KeyedCall, Depends(keyed("collector", own=["collector"]))]
Crew = Annotated[Caller, Depends(role("collector", "operator", own=["collector"]))]


@dataclass(frozen=True, slots=True)
class Office:
    """What the API works with."""

    sites: Sites
    vehicles: Vehicles
    plans: Plans
    days: Days
    unloadings: Unloadings
    search: MongoSearch
    clock: Clock
    books: Callable[[], dict[str, Any]]


def fleet_router(office: Office) -> APIRouter:
    """Return the routes of depots, facilities and vehicles."""
    router = APIRouter(prefix="/v1", tags=["fleet"])

    @router.post("/depots", status_code=201, response_model=bodies.SiteView)
    def register_depot(body: bodies.SiteBody, call: OperatorCall) -> Response:
        request = call.request(201, _site_view)
        site = body.to_site("depot")
        return call.respond(handlers.register_site(site, sites=office.sites, request=request))

    @router.post("/facilities", status_code=201, response_model=bodies.SiteView)
    def register_facility(body: bodies.SiteBody, call: OperatorCall) -> Response:
        request = call.request(201, _site_view)
        site = body.to_site("facility")
        return call.respond(handlers.register_site(site, sites=office.sites, request=request))

    @router.post("/vehicles", status_code=201, response_model=bodies.VehicleView)
    def register_vehicle(body: bodies.VehicleBody, call: OperatorCall) -> Response:
        registered = handlers.register_vehicle(
            body.to_vehicle(),
            vehicles=office.vehicles,
            sites=office.sites,
            request=call.request(201, _vehicle_view),
        )
        return call.respond(registered)

    return router


def plans_router(office: Office) -> APIRouter:
    """Return the routes of plans and the service's books."""
    router = APIRouter(prefix="/v1", tags=["plans"])

    @router.post("/plans", status_code=202, response_model=bodies.PlanView)
    def request_plan(body: bodies.PlanBody, call: OperatorCall) -> Response:
        cmd = handlers.RequestPlan(
            call.derived_id(), body.service_day, body.solve_time_s, body.seed
        )
        request = call.request(202, bodies.plan_view)
        return call.respond(
            handlers.request_plan(cmd, plans=office.plans, clock=office.clock, request=request)
        )

    @router.get("/plans/{plan_id}")
    def get_plan(plan_id: OpaqueId, _caller: Operator) -> bodies.PlanView:
        return bodies.plan_view(office.plans.get(plan_id))

    @router.post("/plans/{plan_id}/publication", response_model=bodies.PlanView)
    def publish(plan_id: OpaqueId, _body: bodies.PublicationBody, call: OperatorCall) -> Response:
        published = handlers.publish_plan(
            plan_id,
            plans=office.plans,
            days=office.days,
            request=call.request(200, bodies.plan_view),
        )
        return call.respond(published)

    @router.get("/reconciliation")
    def reconciliation(_caller: Watcher) -> dict[str, Any]:
        return office.books()

    return router


def tours_router(office: Office) -> APIRouter:
    """Return the routes that crews use. A collector sees the own tours only."""
    router = APIRouter(prefix="/v1/tours", tags=["tours"])

    @router.get("")
    def list_tours(service_day: Day, caller: Crew) -> bodies.ToursView:
        plans = office.search.plans_of_day(service_day)
        tours = [
            bodies.tour_view(plan, tour, with_stops=False)
            for plan in plans[:1]
            for tour in plan.tours
            if _is_for(caller, tour.collector_id)
        ]
        return bodies.ToursView(items=tours)

    @router.get("/{tour_id}")
    def get_tour(tour_id: OpaqueId, caller: Crew) -> bodies.TourView:
        plan = _plan(office, tour_id, caller)
        return bodies.tour_view(plan, plan.tour(tour_id), with_stops=True)

    @router.post("/{tour_id}/unloadings", status_code=201, response_model=bodies.UnloadingView)
    def unload(tour_id: OpaqueId, body: bodies.UnloadingBody, call: CollectorCall) -> Response:
        plan = _plan(office, tour_id, call.caller)
        tour = plan.tour(tour_id)
        unloading = Unloading(
            unloading_id=call.derived_id(),
            plan_id=plan.plan_id,
            tour_id=tour_id,
            vehicle_id=tour.vehicle_id,
            facility_id=tour.facility_id,
            trip=body.trip,
            pickup_ids=tuple(dict.fromkeys(body.pickup_ids)),
            weighbridge_g=body.weighbridge_g,
            unloaded_at=to_millisecond(body.unloaded_at),
        )
        recorded = handlers.record_unloading(
            unloading,
            plans=office.plans,
            unloadings=office.unloadings,
            request=call.request(201, _unloading_view),
        )
        return call.respond(recorded)

    return router


def _plan(office: Office, tour_id: str, caller: Caller) -> Plan:
    plan = office.search.plan_of_tour(tour_id)
    if not _is_for(caller, plan.tour(tour_id).collector_id):
        raise NotFound("tour.not_found", "there is no such tour")
    return plan


def _is_for(caller: Caller, collector_id: str) -> bool:
    return caller.has("operator") or caller.subject == collector_id


def _site_view(stored: Stored[Site]) -> bodies.SiteView:
    return bodies.SiteView(site_id=stored.state.site_id, kind=stored.state.kind)


def _vehicle_view(stored: Stored[FleetVehicle]) -> bodies.VehicleView:
    return bodies.VehicleView.model_validate(stored.state, from_attributes=True)


def _unloading_view(stored: Stored[Unloading]) -> bodies.UnloadingView:
    held = stored.state
    return bodies.UnloadingView(
        unloading_id=held.unloading_id,
        tour_id=held.tour_id,
        facility_id=held.facility_id,
        trip=held.trip,
        pickups=len(held.pickup_ids),
    )

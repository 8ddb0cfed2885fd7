"""The routes of sites and of recurring drives."""

from fastapi import APIRouter, Response

from services.collection.application import drive_series
from services.collection.application.drive_desk import DriveDesk
from services.collection.entrypoints import drive_bodies, drive_views
from services.collection.entrypoints.http import OperatorCall
from shared.contracts.topic import OpaqueId
from shared.http.auth import Anybody, Operator


def sites_router(desk: DriveDesk) -> APIRouter:
    """Return the routes of sites."""
    router = APIRouter(prefix="/v1/sites", tags=["sites"])

    @router.post("", status_code=201, response_model=drive_views.SiteView)
    def register_site(body: drive_bodies.SiteBody, call: OperatorCall) -> Response:
        registered = drive_series.register_site(
            body.to_site(body.site_id),
            body.to_contact(),
            desk=desk,
            request=call.request(201, drive_views.site_view),
        )
        return call.respond(registered)

    @router.post("/{site_id}/amendments", response_model=drive_views.SiteView)
    def amend_site(
        site_id: OpaqueId, body: drive_bodies.SiteFactsBody, call: OperatorCall
    ) -> Response:
        amended = drive_series.amend_site(
            body.to_site(site_id),
            body.to_contact(),
            desk=desk,
            request=call.request(200, drive_views.site_view),
        )
        return call.respond(amended)

    @router.get("/{site_id}")
    def get_site(site_id: OpaqueId, caller: Anybody, response: Response) -> drive_views.SiteView:
        stored = desk.sites.get(site_id)
        response.headers["ETag"] = f'"{stored.version}"'
        view = drive_views.site_view(stored)
        if not (caller.has("operator") or caller.has("collector")):
            return view
        contact = drive_views.contact_view(desk.contacts.of(site_id))
        return view.model_copy(update={"contact": contact})

    return router


def series_router(desk: DriveDesk) -> APIRouter:
    """Return the routes of recurring drives."""
    router = APIRouter(prefix="/v1/drive-series", tags=["sites"])

    @router.post("", status_code=201, response_model=drive_views.SeriesView)
    def begin(body: drive_bodies.SeriesBody, call: OperatorCall) -> Response:
        begun = drive_series.begin_series(
            body.to_series(call.derived_id()),
            desk=desk,
            request=call.request(201, drive_views.series_view),
        )
        return call.respond(begun)

    @router.post("/{series_id}/amendments", response_model=drive_views.SeriesView)
    def amend(
        series_id: OpaqueId, body: drive_bodies.SeriesAmendmentBody, call: OperatorCall
    ) -> Response:
        amended = drive_series.amend_series(
            series_id,
            exceptions=drive_bodies.days_of(body.exceptions),
            ends_on=body.ends_on,
            desk=desk,
            request=call.request(200, drive_views.series_view),
        )
        return call.respond(amended)

    @router.get("/{series_id}")
    def get_series(series_id: OpaqueId, _caller: Operator) -> drive_views.SeriesView:
        return drive_views.series_view(desk.series.get(series_id))

    return router

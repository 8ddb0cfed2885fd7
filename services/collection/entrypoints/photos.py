"""The routes of what only some may see of a pickup: its photos, and its door."""

from dataclasses import replace
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Path, Response

from services.collection.application import photographing, stops
from services.collection.application.desk import Desk, owned
from services.collection.application.people_ports import Pictures
from services.collection.domain.pickup import Pickup
from services.collection.entrypoints import people_views as views
from services.collection.entrypoints.http import is_staff
from services.collection.entrypoints.people import MemberCall
from services.collection.entrypoints.views import PhotoView
from shared.http.auth import Caller, role
from shared.http.uploads import Content, Upload, takes
from shared.kernel.aggregate import Stored
from shared.kernel.errors import NotFound

Seeing = Annotated[
    Caller,
    Depends(role("resident", "collector", "operator", own=["resident", "collector"])),
]
Coming = Annotated[Caller, Depends(role("collector", own=["collector"]))]
PickupId = Annotated[str, Path(max_length=64)]
PICTURE = Upload(5 * 1024 * 1024, ("image/jpeg", "image/png", "image/webp"))
JPEG = {"image/jpeg": {"schema": {"type": "string", "format": "binary"}}}


def photos_router(desk: Desk, pictures: Pictures) -> APIRouter:
    """Return the routes of photos."""
    router = APIRouter(prefix="/v1/pickups/{pickup_id}/photos", tags=["photos"])

    @router.post("", status_code=201, response_model=PhotoView, openapi_extra=PICTURE.openapi())
    @takes(PICTURE)
    def add(pickup_id: PickupId, content: Content, call: MemberCall) -> Response:
        cmd = photographing.AddPhoto(pickup_id, content, call.caller.subject, is_staff(call.caller))
        request = call.request(201, _photo_view)
        stored = photographing.add_photo(cmd, desk=desk, pictures=pictures, request=request)
        return call.respond(replace(stored, id=_photo_id(stored)))

    @router.get("/{photo_id}", response_class=Response, responses={200: {"content": JPEG}})
    def show(pickup_id: PickupId, photo_id: PickupId, caller: Seeing) -> Response:
        pickup = seen(desk.pickups.get(pickup_id), caller, desk=desk)
        picture = photographing.photo_of(pickup, photo_id, desk=desk)
        return Response(picture, media_type="image/jpeg")

    return router


def stops_router(desk: Desk) -> APIRouter:
    """Return the route by which the assigned collector sees where to go."""
    router = APIRouter(prefix="/v1/stops", tags=["collecting"])

    @router.get("/{pickup_id}")
    def get_stop(pickup_id: PickupId, caller: Coming) -> views.StopView:
        return views.stop_view(stops.stop_of(pickup_id, caller.subject, desk=desk))

    return router


def seen(stored: Stored[Pickup], caller: Caller, *, desk: Desk) -> Pickup:
    """Return a pickup to who may see what is at the door, else raise `NotFound`.

    That is its household, the collector who is assigned to it, and staff.
    """
    if caller.has("collector") and stops.is_assigned(stored.state, caller.subject, desk=desk):
        return stored.state
    if not is_staff(caller) and not caller.has("resident"):
        raise NotFound("pickup.not_found", "there is no such thing")
    return owned(stored, caller.subject, is_staff=is_staff(caller), desk=desk)


def _photo_view(stored: Stored[Pickup]) -> PhotoView:
    """Return the photo that was added last; this is rendered in the update that adds it."""
    return PhotoView.model_validate(stored.state.photos[-1])


def _photo_id(stored: Stored[Pickup]) -> str:
    if stored.answer is None:
        raise AssertionError("a keyed call stores its answer")
    return str(orjson.loads(stored.answer.body)["photo_id"])

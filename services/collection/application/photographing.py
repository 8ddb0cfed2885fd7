"""Photos of what is to be handed over: seen by the household, the assigned collector and staff.

A photo's blob is put first, and is one only when its pickup says so. Blobs that no pickup names,
or whose person was erased meanwhile, are found by a look at each blob when it is 10 minutes old.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from services.collection.application.desk import Desk, owned
from services.collection.application.people_ports import PhotoOf, Pictures
from services.collection.application.residents import speaker
from services.collection.domain.pickup import Pickup
from services.collection.domain.records import Photo
from shared.kernel.aggregate import Request, Stored
from shared.kernel.errors import Conflict, NotFound
from shared.kernel.ids import new_id

# Real time, and longer than any request lasts: what is undecided then never will be decided.
CHECKED_AFTER = timedelta(minutes=10)
CHECKED_A_ROUND = 200


@dataclass(frozen=True, slots=True)
class AddPhoto:
    """A resident, or staff for one, shows what it is. `content` claims to be a picture."""

    pickup_id: str
    content: bytes
    caller: str
    is_staff: bool


def add_photo(
    cmd: AddPhoto, *, desk: Desk, pictures: Pictures, request: Request[Pickup]
) -> Stored[Pickup]:
    """Keep a photo with a pickup, without EXIF.

    Raises `NotFound`, `Invalid` (photo.…) and `Conflict` (collection.too_many_photos).
    """
    pickup = owned(desk.pickups.get(cmd.pickup_id), cmd.caller, is_staff=cmd.is_staff, desk=desk)
    household = desk.households.get(pickup.booking.household_id).state
    person_id = speaker(household, caller=cmd.caller, is_staff=cmd.is_staff, desk=desk)
    if person_id is None:
        raise NotFound("pickup.not_found", "there is no such thing")
    photo = PhotoOf(new_id(), cmd.pickup_id, person_id)
    desk.photos.put(photo, pictures.clean(cmd.content))
    desk.reached("photo.put.after")
    added = Photo(photo.photo_id, desk.clock.now())
    try:
        stored = desk.pickups.change(cmd.pickup_id, lambda p: p.pictured(added), request=request)
    except Conflict:
        desk.photos.delete(photo.photo_id)
        raise
    if added not in stored.state.photos:  # a repeat: the first one's photo stays
        desk.photos.delete(photo.photo_id)
    elif not desk.people.get(person_id).state.is_active:  # erased meanwhile
        delete_photo(photo, desk=desk)
    return stored


def photo_of(pickup: Pickup, photo_id: str, *, desk: Desk) -> bytes:
    """Return a pickup's picture, or raise `NotFound` (photo.not_found)."""
    is_there = any(each.photo_id == photo_id for each in pickup.photos)
    picture = desk.photos.get(photo_id) if is_there else None
    if picture is None:
        raise NotFound("photo.not_found", "there is no such photo")
    return picture


def delete_photo(photo: PhotoOf, *, desk: Desk) -> None:
    """Let the pickup forget a photo, then delete it; may be repeated."""
    with suppress(NotFound):
        desk.pickups.change(photo.pickup_id, lambda p: p.unpictured(photo.photo_id))
    desk.photos.delete(photo.photo_id)


def check_photos(*, desk: Desk) -> int:
    """Look once at each blob that is old enough; delete those that should not be there."""
    before = desk.lease_clock.now() - CHECKED_AFTER
    found = desk.photos.unchecked(before=before, limit=CHECKED_A_ROUND)
    persons = desk.people.get_many({each.person_id for each in found})
    pickups = desk.search.many({each.pickup_id for each in found})
    for photo in found:
        person, pickup = persons.get(photo.person_id), pickups.get(photo.pickup_id)
        is_named = pickup and any(p.photo_id == photo.photo_id for p in pickup.state.photos)
        if is_named and person is not None and person.state.is_active:
            desk.photos.checked(photo.photo_id)
        else:
            delete_photo(photo, desk=desk)
    return len(found)

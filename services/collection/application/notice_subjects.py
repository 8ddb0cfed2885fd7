"""What notices are about, as it is when one is sent: a pickup, a drive, a sign-up, a visit."""

from services.collection.application.drive_desk import DriveDesk
from services.collection.application.notice_ports import Office, Thing
from services.collection.domain import drive_notices, pickup_notices, visit_notices
from services.collection.domain.drive_notices import AtDrive
from services.collection.domain.notices import Notice, Subject, SubjectKind
from services.collection.domain.pickup import Pickup
from services.collection.domain.visit import Visit
from shared.kernel.errors import NotFound


def look_up(subject: Subject, *, office: Office) -> Thing | None:
    """Return what a notice is about, or None where there is no such thing any more."""
    if subject.kind is SubjectKind.PICKUP:
        stored = office.desk.search.many([subject.id]).get(subject.id)
        return None if stored is None else stored.state
    try:
        if subject.kind is SubjectKind.VISIT:
            return office.drives.visits.get(subject.id).state
        return _at_drive(subject, drives=office.drives)
    except NotFound:
        return None


def household_of(thing: Thing) -> str | None:
    """Return whose it is; a drive alone is no household's."""
    if isinstance(thing, Pickup):
        return thing.booking.household_id
    if isinstance(thing, Visit):
        return thing.household_id
    return None if thing.sign_up is None else thing.sign_up.household_id


def still_holds(notice: Notice, thing: Thing) -> bool:
    """Say whether a notice is still worth sending; else something came after it."""
    if isinstance(thing, Pickup):
        return pickup_notices.still_holds(notice, thing)
    if isinstance(thing, Visit):
        return visit_notices.still_holds(notice, thing)
    return drive_notices.still_holds(notice, thing)


def _at_drive(subject: Subject, *, drives: DriveDesk) -> AtDrive:
    if subject.kind is SubjectKind.DRIVE:
        return AtDrive(drives.drives.get(subject.id).state)
    sign_up = drives.sign_ups.get(subject.id).state
    return AtDrive(drives.drives.get(sign_up.drive_id).state, sign_up)

"""What is told about a drive: to households that signed up, its collector, the city's staff.

Whatever a household is to be told follows from the drive and its sign-up as they are, so that a
sign-up which was decided while the drive was called off is told by whoever looks at it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import AHEAD, DriveAct, DriveState
from services.collection.domain.notices import (
    OF_DRIVES,
    WORTH_FOR,
    Kind,
    Notice,
    Subject,
    SubjectKind,
    due_reminder,
)
from services.collection.domain.outcomes import COLLECTOR, OPERATOR, RESIDENT
from services.collection.domain.records import Step
from services.collection.domain.signup import SignUp, SignUpState

# A drive is in each of these once at the most.
_OFF = {
    DriveState.CANCELLED: Kind.DRIVE_CANCELLED,
    DriveState.MISSED: Kind.DRIVE_MISSED,
    DriveState.ABORTED: Kind.DRIVE_ABORTED,
}
_IN_CHARGE = {
    DriveAct.APPOINT: Kind.DRIVE_APPOINTED,
    DriveAct.CALL_STAND_IN: Kind.DRIVE_STAND_IN,
}
_STAFF_TOLD: Mapping[str, tuple[tuple[Kind, str], ...]] = {
    DriveAct.APPOINT: ((Kind.DRIVE_APPOINTED, COLLECTOR),),
    DriveAct.CALL_STAND_IN: ((Kind.DRIVE_STAND_IN, COLLECTOR), (Kind.DRIVE_STAND_IN, OPERATOR)),
    DriveAct.CANCEL: ((Kind.DRIVE_CANCELLED, COLLECTOR),),
    DriveAct.MISS: ((Kind.DRIVE_MISSED, OPERATOR),),
}


@dataclass(frozen=True, slots=True)
class AtDrive:
    """A drive, and where a household is told of it, that household's sign-up."""

    drive: Drive
    sign_up: SignUp | None = None


def household_notices(at: AtDrive, *, now: datetime) -> tuple[Notice, ...]:
    """Return what a household that signed up is to be told by now; the same ones if asked again.

    Who signed up after a reminder's time knows, and who withdrew is told nothing.
    """
    drive, sign_up = at.drive, at.sign_up
    if sign_up is None or sign_up.state is not SignUpState.SIGNED:
        return ()
    subject = Subject(SubjectKind.SIGN_UP, sign_up.sign_up_id, drive.drive_id)
    off = _OFF.get(drive.state)
    if off is not None:
        return (_off(off, RESIDENT, subject, drive=drive, now=now),)
    due = due_reminder(drive.window_start, now, among=OF_DRIVES)
    if drive.state not in AHEAD or due is None or sign_up.at >= due.at:
        return ()
    return (Notice(due.kind, RESIDENT, subject, _day(drive), drive.window_start),)


def staff_notices(drive: Drive, step: Step, *, now: datetime) -> tuple[Notice, ...]:
    """Return whom else a step of a drive asks to tell: its collector, the city's staff."""
    subject = Subject(SubjectKind.DRIVE, drive.drive_id, drive.drive_id)
    made = (
        Notice(kind, to, subject, str(step.number), now + WORTH_FOR, drive.reason)
        for kind, to in _STAFF_TOLD.get(step.act, ())
    )
    return tuple(each for each in made if still_holds(each, AtDrive(drive)))


def tells_households(drive: Drive) -> bool:
    """Say whether those who signed up are to be told that they need not come."""
    return drive.state in _OFF


def still_holds(notice: Notice, at: AtDrive) -> bool:
    """Say whether a notice is still worth sending; else something came after it."""
    if notice.audience == RESIDENT and not _is_signed(at.sign_up):
        return False
    drive = at.drive
    if notice.kind in _OFF.values():
        return _OFF.get(drive.state) == notice.kind
    if notice.kind in _IN_CHARGE.values():
        return drive.state in AHEAD and _last_named(drive) == notice.key
    return drive.state in AHEAD and _day(drive) == notice.key


def _off(kind: Kind, to: str, subject: Subject, *, drive: Drive, now: datetime) -> Notice:
    """From the begin on, or from the end on where it has begun, a household comes in vain."""
    needed_by = drive.window_start if kind is Kind.DRIVE_CANCELLED else drive.window_end
    return Notice(kind, to, subject, _day(drive), now + WORTH_FOR, drive.reason, needed_by)


def _is_signed(sign_up: SignUp | None) -> bool:
    return sign_up is not None and sign_up.state is SignUpState.SIGNED


def _day(drive: Drive) -> str:
    return drive.window_start.isoformat()


def _last_named(drive: Drive) -> str | None:
    """Return the number of the step that named who is in charge."""
    named = (step for step in reversed(drive.history) if step.act in _IN_CHARGE)
    return next((str(step.number) for step in named), None)

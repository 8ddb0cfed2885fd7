"""Who is told what, about a pickup or a drive, and until when it is worth telling.

Notices follow from what happens, and from the days before it (pickup_notices.py,
drive_notices.py). They hold opaque ids and codes; who is reached where, and in which words, is
found when one is sent.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

WORTH_FOR = timedelta(days=3)


class Kind(StrEnum):
    """What a notice is about."""

    IN_3_DAYS = "reminder_3_days"
    IN_1_DAY = "reminder_1_day"
    TWO_STOPS_AWAY = "two_stops_away"
    OUTCOME = "outcome"
    CONFIRMATION_NEEDED = "confirmation_needed"
    UPHELD = "dispute_upheld"
    CORRECTED = "weighing_corrected"
    REBOOKED = "rebooked"
    CANCELLED = "cancelled_by_city"
    DRIVE_IN_3_DAYS = "drive_reminder_3_days"
    DRIVE_IN_1_DAY = "drive_reminder_1_day"
    DRIVE_CANCELLED = "drive_cancelled"
    DRIVE_MISSED = "drive_missed"
    DRIVE_ABORTED = "drive_aborted"
    DRIVE_STAND_IN = "drive_stand_in"
    DRIVE_APPOINTED = "drive_appointed"
    VISIT_WEIGHED = "visit_weighed"
    VISIT_UPHELD = "visit_dispute_upheld"
    VISIT_CORRECTED = "visit_corrected"


class SubjectKind(StrEnum):
    """Of what kind the thing is that a notice is about."""

    PICKUP = "pickup"
    SIGN_UP = "sign_up"
    DRIVE = "drive"
    VISIT = "visit"


@dataclass(frozen=True, slots=True)
class Subject:
    """What a notice is about. `drive_id` is set for drives, sign-ups and visits."""

    kind: SubjectKind
    id: str
    drive_id: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell an audience (`resident`, `collector`, `operator`), once.

    `key` makes it one: two notices of a kind about a subject with the same key are the same.
    `about` is a code. From `needed_by` on it would come too late to act upon: it does not wait for
    a morning that is later.
    """

    kind: str
    audience: str
    subject: Subject
    key: str
    expires_at: datetime
    about: str | None = None
    needed_by: datetime | None = None


@dataclass(frozen=True, slots=True)
class Reminder:
    """How long before a window's begin which reminder is due."""

    before: timedelta
    kind: Kind


@dataclass(frozen=True, slots=True)
class DueReminder:
    """A reminder, and when it was due: who booked after that needs none."""

    kind: Kind
    at: datetime


# The earliest first.
OF_PICKUPS = (
    Reminder(timedelta(days=3), Kind.IN_3_DAYS),
    Reminder(timedelta(days=1), Kind.IN_1_DAY),
)
OF_DRIVES = (
    Reminder(timedelta(days=3), Kind.DRIVE_IN_3_DAYS),
    Reminder(timedelta(days=1), Kind.DRIVE_IN_1_DAY),
)


def due_reminder(
    window_start: datetime, now: datetime, *, among: tuple[Reminder, ...] = OF_PICKUPS
) -> DueReminder | None:
    """Return the reminder whose time came last; None before the first, and in the window."""
    if now >= window_start:
        return None
    come = [each for each in _reminders(window_start, among) if each.at <= now]
    return come[-1] if come else None


def next_reminder_at(window_start: datetime, now: datetime) -> datetime | None:
    """Return when the next reminder of a slot is due; None after the last one."""
    return next((each.at for each in _reminders(window_start, OF_PICKUPS) if each.at > now), None)


def first_reminder_at(window_start: datetime) -> datetime:
    """Return when the first reminder of a slot is due."""
    return _reminders(window_start, OF_PICKUPS)[0].at


def _reminders(window_start: datetime, among: tuple[Reminder, ...]) -> list[DueReminder]:
    return [DueReminder(each.kind, window_start - each.before) for each in among]

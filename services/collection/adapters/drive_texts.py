"""What people are told about drives, and the facts that it names: never a place or a person."""

from collections.abc import Mapping

from services.collection.adapters.wording import day_in, marked, reason_in, time_of_day
from services.collection.domain.drive_notices import AtDrive
from services.collection.domain.intents import Intent
from services.collection.domain.notices import Kind
from services.collection.domain.outcomes import COLLECTOR, OPERATOR, RESIDENT
from shared.kernel.clock import legal_day

TEMPLATES: Mapping[tuple[str, str], tuple[str, str]] = {
    (Kind.DRIVE_IN_3_DAYS, RESIDENT): (
        marked("Recycling drive on %(day)s"),
        marked(
            "The recycling drive that you signed up for is on %(day)s between %(start)s and "
            "%(end)s. If you cannot come, please withdraw in the app."
        ),
    ),
    (Kind.DRIVE_IN_1_DAY, RESIDENT): (
        marked("Reminder: recycling drive on %(day)s"),
        marked(
            "The recycling drive that you signed up for is on %(day)s between %(start)s and "
            "%(end)s. Please have your card in the app ready."
        ),
    ),
    (Kind.DRIVE_CANCELLED, RESIDENT): (
        marked("The recycling drive on %(day)s is cancelled"),
        marked(
            "The recycling drive on %(day)s between %(start)s and %(end)s will not take place "
            "(%(reason)s). Please choose another one in the app."
        ),
    ),
    (Kind.DRIVE_CANCELLED, COLLECTOR): (
        marked("Your drive on %(day)s is cancelled"),
        marked(
            "Drive %(drive)s at site %(site)s on %(day)s between %(start)s and %(end)s will not "
            "take place (%(reason)s)."
        ),
    ),
    (Kind.DRIVE_MISSED, RESIDENT): (
        marked("The recycling drive on %(day)s does not take place"),
        marked(
            "We are sorry: nobody opened the recycling drive on %(day)s between %(start)s and "
            "%(end)s. Please choose another one in the app."
        ),
    ),
    (Kind.DRIVE_MISSED, OPERATOR): (
        marked("Drive %(drive)s was missed"),
        marked(
            "Nobody opened drive %(drive)s at site %(site)s in community %(community)s on "
            "%(day)s between %(start)s and %(end)s."
        ),
    ),
    (Kind.DRIVE_ABORTED, RESIDENT): (
        marked("The recycling drive on %(day)s ended early"),
        marked(
            "The recycling drive on %(day)s had to end before its time (%(reason)s). Please "
            "choose another one in the app."
        ),
    ),
    (Kind.DRIVE_STAND_IN, COLLECTOR): (
        marked("You stand in at a drive now"),
        marked(
            "Drive %(drive)s at site %(site)s should have been opened on %(day)s at %(start)s. "
            "You are in charge of it now."
        ),
    ),
    (Kind.DRIVE_STAND_IN, OPERATOR): (
        marked("Drive %(drive)s went to its stand-in"),
        marked(
            "Drive %(drive)s at site %(site)s in community %(community)s was not opened on "
            "%(day)s at %(start)s. Its stand-in is in charge now."
        ),
    ),
    (Kind.DRIVE_APPOINTED, COLLECTOR): (
        marked("You hold a drive on %(day)s"),
        marked(
            "You are in charge of drive %(drive)s at site %(site)s on %(day)s between %(start)s "
            "and %(end)s."
        ),
    ),
}


def template_of(intent: Intent) -> tuple[str, str]:
    """Return the words of subject and body, as the source has them."""
    return TEMPLATES[(intent.notice.kind, intent.notice.audience)]


def facts_of(intent: Intent, at: AtDrive, *, language: str) -> dict[str, str]:
    """Return what the words may name."""
    drive = at.drive
    return {
        "day": day_in(language, legal_day(drive.window_start)),
        "start": time_of_day(drive.window_start),
        "end": time_of_day(drive.window_end),
        "reason": reason_in(language, intent.notice.about),
        "drive": drive.drive_id,
        "site": drive.site.site_id,
        "community": drive.site.community_code,
    }

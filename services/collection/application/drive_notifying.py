"""Households that signed up for a drive are told of it. Jobs of the worker; all may be repeated.

Exact as notifying.py is: a drive's step is noted as told, and a drive as reminded, only after the
intents are stored. A sign-up that is decided while its drive is called off may come too late for
that; it is fresh until it was looked at, and whichever comes second sees the other.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from services.collection.application.notice_ports import Office
from services.collection.application.signing_up import withdraw_household
from services.collection.application.telling import keep
from services.collection.domain.drive import Drive
from services.collection.domain.drive_notices import (
    AtDrive,
    household_notices,
    staff_notices,
    tells_households,
)
from services.collection.domain.drive_states import DriveState
from services.collection.domain.notices import OF_DRIVES
from services.collection.domain.outcomes import COLLECTOR, OPERATOR
from services.collection.domain.preferences import OPERATORS
from services.collection.domain.signup import SignUp
from shared.kernel.aggregate import Stored

DRIVES_A_ROUND = 50
SIGN_UPS_A_ROUND = 200
READ_AT_ONCE = 200


def tell_drives(*, office: Office) -> int:
    """Make the intents that steps of drives ask for; return how many drives had some."""
    found = office.news.untold(limit=DRIVES_A_ROUND)
    for drive in found:
        _tell_staff(drive, office=office)
        if tells_households(drive):
            _tell_households(drive, office=office)
        office.desk.reached("notice.drive.before")
        office.news.told(drive)
    return len(found)


def remind_drives(*, office: Office) -> int:
    """Make the reminders of the drives whose time has come; return how many drives there were."""
    now, told, after = office.desk.clock.now(), 0, timedelta()
    for reminder in reversed(OF_DRIVES):
        begin, end = now + after, now + reminder.before
        found = office.news.to_remind(reminder.kind, after=begin, until=end, limit=DRIVES_A_ROUND)
        for drive in found:
            _tell_households(drive, office=office)
            office.desk.reached("notice.drive.before")
            office.news.reminded(drive.drive_id, reminder.kind)
        told, after = told + len(found), reminder.before
    return told


def check_sign_ups(*, office: Office) -> int:
    """Tell those who signed up while their drive was called off; return how many were fresh.

    And withdraw those whose household was closed meanwhile, which nobody told of them.
    """
    found = office.news.fresh(limit=SIGN_UPS_A_ROUND)
    homes = office.desk.households.get_many({each.state.household_id for each in found})
    for home_id, home in homes.items():
        if home.state.closed_at is not None:
            withdraw_household(home_id, desk=office.drives)
    drives = office.news.many({each.state.drive_id for each in found})
    for drive in drives.values():
        signed = [each.state for each in found if each.state.drive_id == drive.drive_id]
        _tell(drive, signed, came=_came(drive, office=office), office=office)
    office.desk.reached("notice.sign_up.before")
    office.news.looked_at(found)
    return len(found)


def _tell_staff(drive: Drive, *, office: Office) -> None:
    now = office.desk.clock.now()
    notices = [
        notice
        for step in drive.history
        if step.number in drive.untold
        for notice in staff_notices(drive, step, now=now)
    ]
    staff = {COLLECTOR: (drive.collector_id,), OPERATOR: (OPERATORS,)}
    keep(notices, homes={}, staff=staff, office=office)


def _tell_households(drive: Drive, *, office: Office) -> None:
    came = _came(drive, office=office)
    for signed in _signed_for(drive, office=office):
        _tell(drive, [each.state for each in signed], came=came, office=office)


def _came(drive: Drive, *, office: Office) -> Collection[str | None]:
    """Return the households that need not be told that a drive ended before its time."""
    if drive.state is not DriveState.ABORTED:
        return ()
    visits = office.drives.search.visits_of(drive.drive_id)
    return {visit.household_id for visit in visits}


def _signed_for(drive: Drive, *, office: Office) -> Iterator[Sequence[Stored[SignUp]]]:
    """Give all that stand, in portions; they end, because each is behind the one before."""
    read, after_id = office.news.signed_for, ""
    while found := read(drive.drive_id, after_id=after_id, limit=READ_AT_ONCE):
        yield found
        after_id = found[-1].id


def _tell(
    drive: Drive, signed: Sequence[SignUp], *, came: Collection[str | None], office: Office
) -> None:
    now = office.desk.clock.now()
    waiting = [each for each in signed if each.household_id not in came]
    notices = [
        notice for each in waiting for notice in household_notices(AtDrive(drive, each), now=now)
    ]
    homes = {each.sign_up_id: each.household_id for each in waiting}
    keep(notices, homes=homes, staff={}, office=office)

"""A drive's site as a calendar: what was announced there, for residents and the city's staff."""

from collections.abc import Sequence

from services.collection.application.desk import Desk
from services.collection.application.drive_desk import DriveDesk
from services.collection.domain.drive_feeds import drive_entry, is_shown
from services.collection.domain.feeds import ENTRIES_MAX, SHOWN_BACK, Entry
from shared.kernel.errors import NotFound

SITE = "site"
# Staff hold one feed of a site together; it names nobody.
STAFF = "staff"


class SiteDrives:
    """`Source` of a site's drives."""

    def __init__(self, desk: Desk, drives: DriveDesk) -> None:
        """Nothing is kept."""
        self._desk = desk
        self._drives = drives

    def holder(self, subject_id: str, caller: str, *, is_staff: bool) -> str:
        """Return the caller's person, or staff. `NotFound` (site.not_found, person.not_found)."""
        self._drives.sites.get(subject_id)
        if is_staff:
            return STAFF
        person = self._desk.people.of(caller)
        if person is None:
            raise NotFound("person.not_found", "there is no such thing")
        return person.id

    def entries(self, subject_id: str, holder: str) -> Sequence[Entry]:
        """Return the announced drives of the last 30 days and to come; cancelled ones too."""
        if holder != STAFF:
            person = self._desk.people.get_many([holder]).get(holder)
            if person is None or not person.state.is_active:
                raise NotFound("person.not_found", "there is no such thing")
        since = self._drives.clock.now() - SHOWN_BACK
        found = self._drives.search.of_site(subject_id, since=since, limit=ENTRIES_MAX)
        return [drive_entry(each) for each in found if is_shown(each)]

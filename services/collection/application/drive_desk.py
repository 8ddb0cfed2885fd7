"""What the handlers of drives work with, and whose drives and visits they may touch."""

from dataclasses import dataclass

from services.collection.application.desk import Reached
from services.collection.application.drive_ports import (
    Campaigns,
    Cards,
    Contacts,
    DrivePlaces,
    Drives,
    DriveSearch,
    Homes,
    SeriesBook,
    SignUps,
    Sites,
    Tickets,
    Visits,
)
from services.collection.application.permitting import Permits
from services.collection.application.ports import Cells, Scales
from services.collection.domain.drive import Drive
from services.collection.domain.recurrence import Recurrences
from services.collection.domain.rules import WorkingDays
from shared.kernel.clock import Clock


@dataclass(frozen=True, slots=True)
class DriveDesk:
    """`clock` tells the business time of drives, `lease_clock` the real time of holds."""

    sites: Sites
    series: SeriesBook
    campaigns: Campaigns
    contacts: Contacts
    drives: Drives
    visits: Visits
    sign_ups: SignUps
    places: DrivePlaces
    tickets: Tickets
    search: DriveSearch
    homes: Homes
    cards: Cards
    scales: Scales
    permits: Permits
    cells: Cells
    recurrences: Recurrences
    working_days: WorkingDays
    clock: Clock
    lease_clock: Clock
    reached: Reached


@dataclass(frozen=True, slots=True)
class Crew:
    """Who acts on a drive: a collector, or the city."""

    subject: str
    is_staff: bool

    def check(self, drive: Drive) -> None:
        """Raise `Forbidden` (drive.not_named) for anybody but the named collector and the city."""
        if not self.is_staff:
            drive.check_crew(self.subject)

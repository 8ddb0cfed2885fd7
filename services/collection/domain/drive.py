"""A drive: fixed materials at a fixed place and time, with a named collector. 定向定點定時定人.

Each act returns the next state and what to report; visits are documents of their own (visit.py).
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from services.collection.domain import drive_events as events
from services.collection.domain.drive_states import DriveAct, DriveState, after_drive
from services.collection.domain.life import last_number, with_step
from services.collection.domain.records import Step
from services.collection.domain.site import Site
from services.collection.domain.totals import DriveTotals
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Forbidden, Invalid

CITY, COLLECTOR, TIME = "city", "collector", "time"
MATERIALS_MAX = 40
HOUSEHOLDS_MAX = 100_000
CAPACITY_MAX = 2_000
LASTS_AT_MOST = timedelta(hours=24)
# Somebody has to be told of these (drive_notices.py).
TOLD = frozenset(
    {
        DriveAct.APPOINT,
        DriveAct.CALL_STAND_IN,
        DriveAct.CANCEL,
        DriveAct.MISS,
        DriveAct.ABORT,
    }
)


@dataclass(frozen=True, slots=True)
class DriveRules:
    """Limits without a legal source: data with defaults, kept with each drive.

    A drive is announced `announce_ahead_h` before its begin and may be opened `open_ahead_min`
    before it. `unopened_min` after it an unopened one goes to the stand-in, and so long after
    that, or at once without one, it is missed. `close_after_min` after its end an open one is
    closed. Tickets expire `ticket_expiry_h` after the end; one that is drawn while a visit is told
    after `drawn_ticket_min`. An anonymous visitor with more than `anonymous_pieces_max` pieces
    counts as an organisation.
    """

    announce_ahead_h: int = 168
    open_ahead_min: int = 120
    unopened_min: int = 30
    close_after_min: int = 120
    ticket_expiry_h: int = 12
    drawn_ticket_min: int = 15
    anonymous_pieces_max: int = 10


@dataclass(frozen=True, slots=True)
class Terms:
    """What a drive is for and who holds it. `capacity`: places to sign up for; None: no limit."""

    materials: tuple[str, ...]
    collector_id: str
    vehicle_id: str
    scale_id: str
    stand_in_id: str | None = None
    expected_households: int | None = None
    capacity: int | None = None
    campaign_id: str | None = None
    rules: DriveRules = field(default_factory=DriveRules)


@dataclass(frozen=True, slots=True)
class Drive:
    """The whole drive. `collector_id` is in charge; `called_at`: the stand-in was called.

    `totals` and `revision` are set from the end on (0: no totals yet). `untold` are the numbers of
    steps that no notices were made of, `reminded` is the last reminder that was made.
    """

    drive_id: str
    site: Site
    terms: Terms
    window_start: datetime
    window_end: datetime
    state: DriveState
    collector_id: str
    planned_at: datetime
    series_id: str | None = None
    called_at: datetime | None = None
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
    totals: DriveTotals = field(default_factory=DriveTotals)
    revision: int = 0
    history: tuple[Step, ...] = ()
    untold: tuple[int, ...] = ()
    reminded: str | None = None

    @property
    def announce_at(self) -> datetime:
        """When everybody is to be told of it."""
        return self.window_start - timedelta(hours=self.terms.rules.announce_ahead_h)

    @property
    def tickets_expire_at(self) -> datetime:
        """When tickets that nobody used or voided end."""
        return self.window_end + timedelta(hours=self.terms.rules.ticket_expiry_h)

    def is_crew(self, collector_id: str) -> bool:
        """Say whether somebody is named for this drive, or in charge of it."""
        return collector_id in (self.terms.collector_id, self.collector_id)

    def check_crew(self, collector_id: str) -> None:
        """Raise `Forbidden` (drive.not_named) for anybody but the named collector."""
        if not self.is_crew(collector_id):
            raise Forbidden("drive.not_named", "this drive is another collector's")

    def announce(self, *, now: datetime) -> Decision["Drive"]:
        """Let everybody know."""
        announced = self._stepped(DriveAct.ANNOUNCE, at=now, by=CITY)
        return Decision(announced, (events.DriveAnnounced(announced, now),))

    def appoint(self, collector_id: str, *, now: datetime) -> Decision["Drive"]:
        """Name another collector, until somebody opened it. After the begin they have as long."""
        stepped = self._stepped(DriveAct.APPOINT, at=now, by=CITY)
        named = replace(stepped.terms, collector_id=collector_id)
        appointed = replace(stepped, terms=named, collector_id=collector_id, called_at=None)
        return Decision(appointed, (events.DriveReassigned(appointed, "appointed", now),))

    def watch(self, *, now: datetime) -> Decision["Drive"] | None:
        """Do what the time asks for: call the stand-in, miss, or end an open drive; or nothing."""
        patience = timedelta(minutes=self.terms.rules.unopened_min)
        if after_drive(self.state, DriveAct.MISS) is not None:
            late = now >= self._in_charge_since() + patience
            stand_in_id = self.terms.stand_in_id
            if late and self.called_at is None and stand_in_id not in (None, self.collector_id):
                return self._call(stand_in_id, now=now)
            return self._miss(now=now) if late else None
        closes_at = self.window_end + timedelta(minutes=self.terms.rules.close_after_min)
        if self.state is DriveState.OPEN and now >= closes_at:
            return self.close(by=TIME, now=now)
        return None

    def open(self, collector_id: str, *, at: datetime) -> Decision["Drive"]:
        """Open it; `at` is when that happened, which may be told late.

        `Conflict` (drive.not_its_time) where that is far from the drive's own time.
        """
        early = timedelta(minutes=self.terms.rules.open_ahead_min)
        if not self.window_start - early <= at < self.window_end:
            raise Conflict("drive.not_its_time", "a drive is opened about its own time")
        opened = self._stepped(DriveAct.OPEN, at=at, by=COLLECTOR)
        opened = replace(opened, collector_id=collector_id, opened_at=at, ended_at=None)
        return Decision(opened, (events.DriveOpened(opened, collector_id, at),))

    def close(self, *, by: str, now: datetime) -> Decision["Drive"]:
        """Take no more visitors; what is under way is awaited."""
        return Decision(self._stepped(DriveAct.CLOSE, at=now, by=by))

    def finish(self, totals: DriveTotals, *, now: datetime) -> Decision["Drive"]:
        """Close it for good: all tickets have ended."""
        closed = self._stepped(DriveAct.FINISH, at=now, by=TIME)._totalled(totals)
        closed = replace(closed, ended_at=now)
        return Decision(closed, (events.DriveClosed(closed, now),))

    def abort(self, reason: str, totals: DriveTotals, *, now: datetime) -> Decision["Drive"]:
        """End it before its time; what was collected by now is kept."""
        aborted = self._stepped(DriveAct.ABORT, at=now, by=COLLECTOR)._totalled(totals)
        aborted = replace(aborted, ended_at=now, reason=reason)
        return Decision(aborted, (events.DriveAborted(aborted, reason, now),))

    def cancel(self, reason: str, *, now: datetime) -> Decision["Drive"]:
        """Call it off before its begin: weather, a holiday."""
        cancelled = self._stepped(DriveAct.CANCEL, at=now, by=CITY)
        cancelled = replace(cancelled, ended_at=now, reason=reason)
        return Decision(cancelled, (events.DriveCancelled(cancelled, reason, now),))

    def revise(self, totals: DriveTotals, *, now: datetime) -> Decision["Drive"] | None:
        """Take totals that know more visits or corrections than the present; None where none do."""
        if after_drive(self.state, DriveAct.REVISE) is None or totals.told <= self.totals.told:
            return None
        revised = self._stepped(DriveAct.REVISE, at=now, by=TIME)._totalled(totals)
        return Decision(revised, (events.DriveTotalsRevised(revised, now),))

    def _in_charge_since(self) -> datetime:
        """Return from when on somebody in charge could have opened it."""
        appointed = (step.at for step in self.history if step.act == DriveAct.APPOINT)
        return self.called_at or max((self.window_start, *appointed))

    def _call(self, stand_in_id: str, *, now: datetime) -> Decision["Drive"]:
        called = self._stepped(DriveAct.CALL_STAND_IN, at=now, by=TIME)
        called = replace(called, collector_id=stand_in_id, called_at=now)
        return Decision(called, (events.DriveReassigned(called, "unopened", now),))

    def _miss(self, *, now: datetime) -> Decision["Drive"]:
        missed = replace(self._stepped(DriveAct.MISS, at=now, by=TIME), ended_at=now)
        return Decision(missed, (events.DriveMissed(missed, now),))

    def _totalled(self, totals: DriveTotals) -> "Drive":
        return replace(self, totals=totals, revision=self.revision + 1)

    def _stepped(self, act: DriveAct, *, at: datetime, by: str) -> "Drive":
        following = after_drive(self.state, act)
        if following is None:
            raise Conflict("drive.not_possible", f"a {self.state} drive: no {act}")
        step = Step(act, at, by, number=last_number(self.history) + 1)
        untold = (*self.untold, step.number) if act in TOLD else self.untold
        history = with_step(self.history, step)
        return replace(self, state=following, history=history, untold=untold)


def check_terms(terms: Terms) -> None:
    """Raise `Invalid` (drive.…) for terms that cannot be."""
    if not 0 < len(terms.materials) <= MATERIALS_MAX:
        raise Invalid("drive.materials", f"a drive is for 1 to {MATERIALS_MAX} materials")
    if terms.capacity is not None and not 1 <= terms.capacity <= CAPACITY_MAX:
        raise Invalid("drive.capacity", f"a drive has 1 to {CAPACITY_MAX} places, or no limit")
    if terms.stand_in_id == terms.collector_id:
        raise Invalid("drive.stand_in", "the stand-in is somebody else")
    expected = terms.expected_households
    if expected is not None and not 0 <= expected <= HOUSEHOLDS_MAX:
        raise Invalid("drive.expected", f"0 to {HOUSEHOLDS_MAX} households are expected")


def check_window(start: datetime, end: datetime) -> None:
    """Raise `Invalid` (drive.window) for a time that cannot be."""
    if not timedelta() < end - start <= LASTS_AT_MOST:
        raise Invalid("drive.window", "a drive ends after it begins, within a day")

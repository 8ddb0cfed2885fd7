"""In-memory twins of the adapters of drives. Tickets pass the contract suite of the real ones."""

import threading
from dataclasses import replace

from services.collection.application.ports import Recognised
from services.collection.domain.campaign import Campaign
from services.collection.domain.drive_series import Series
from services.collection.domain.drive_states import AHEAD, ENDED, DriveState
from services.collection.domain.pools import Pool
from services.collection.domain.tickets import TicketBook, check_repeat
from shared.kernel.errors import NotFound
from shared.messaging.in_memory import InMemoryAggregates
from tests.unit.collection.fakes import InMemoryPools


class InMemoryTickets:
    def __init__(self):
        self._books = {}
        self._lock = threading.Lock()

    def book(self, drive_id):
        return self._books.get(drive_id, TicketBook(drive_id))

    def lease(self, drive_id, lease):
        with self._lock:
            book = self.book(drive_id)
            if book.lease_of(lease.lease_id) is None:
                self._books[drive_id] = book = book.leased(lease)
        held = book.lease_of(lease.lease_id)
        check_repeat(held, lease)
        return held

    def void(self, drive_id, void):
        with self._lock:
            book = self.book(drive_id)
            book.check_void(void)
            held = book.void_of(void.void_id)
            if held is None:
                self._books[drive_id] = book = replace(book, voids=(*book.voids, void))
        check_repeat(held or void, void)
        return book

    def seal(self, drive_id):
        with self._lock:
            self._books[drive_id] = replace(self.book(drive_id), sealed=True)
        return self._books[drive_id]


class InMemoryDrivePlaces(InMemoryPools):
    def __init__(self):
        super().__init__(open_bookings_max=0)

    def ensure(self, pool_id, capacity):
        self._pools.setdefault(pool_id, Pool(pool_id, capacity))


class InMemoryCards:
    def __init__(self):
        self.holders, self.early = {}, set()

    def holder_of(self, token, *, at):
        held = self.holders.get(token)
        return held and Recognised(held, "350102001001", token in self.early)


class InMemoryHomes:
    def __init__(self):
        self.owners = {}

    def check(self, household_id, caller):
        if household_id not in self.owners or caller not in (None, self.owners[household_id]):
            raise NotFound("household.not_found")

    def of(self, caller):
        return [home for home, owner in self.owners.items() if owner == caller]


class InMemoryContacts:
    def __init__(self):
        self.contacts = {}

    def keep(self, site_id, contact, *, version):
        if version > self.contacts.get(site_id, (0, None))[0]:
            self.contacts[site_id] = (version, contact)

    def of(self, site_id):
        return self.contacts.get(site_id, (0, None))[1]


class Listed(InMemoryAggregates):
    """Aggregates that know their ids."""

    def __init__(self, kind, state_type, announce):
        super().__init__(kind=kind, state_type=state_type, announce=announce)

    def states(self):
        return [self.get(each).state for each in sorted(self._documents)]


class InMemorySeriesBook(Listed):
    def __init__(self, announce):
        super().__init__("series", Series, announce)

    def running(self):
        return self.states()


class InMemoryCampaigns(Listed):
    def __init__(self, announce):
        super().__init__("campaign", Campaign, announce)

    def all(self):
        return self.states()


class InMemoryDriveSearch:
    """Reads over drives, visits and sign-ups. `after_read` lets a test come in between, once.

    `visits_before` are as many more of each drive, for limits.
    """

    def __init__(self, drives, visits, sign_ups):
        self.drives, self.visits, self.sign_ups = drives, visits, sign_ups
        self.after_read, self.visits_before = None, 0

    def known(self, drive_ids):
        return set(self.drives.get_many(drive_ids))

    def visits_of(self, drive_id):
        found = [each for each in self.visits.states() if each.drive_id == drive_id]
        meanwhile, self.after_read = self.after_read, None
        if meanwhile is not None:
            meanwhile()
        return found

    def has_visits(self, drive_id, count):
        here = sum(each.drive_id == drive_id for each in self.visits.states())
        return self.visits_before + here >= count

    def mark_counted(self, visits):
        for visit in visits:
            document = self.visits._documents[visit.visit_id]
            if document["state"]["weighing"]["revision"] == visit.weighing.revision:
                document["state"]["is_uncounted"] = False

    def with_uncounted(self, *, limit):
        waiting = {each.drive_id for each in self.visits.states() if each.is_uncounted}
        return self._where(lambda d: d.drive_id in waiting and d.state in ENDED, limit)

    def closing(self, *, limit):
        return self._where(lambda d: d.state is DriveState.CLOSING, limit)

    def to_announce(self, now, *, limit):
        return self._where(
            lambda d: d.state is DriveState.PLANNED and d.announce_at <= now,
            limit,
        )

    def to_watch(self, now, *, limit):
        return self._where(
            lambda d: (
                (d.state in AHEAD and d.window_start <= now)
                or (d.state is DriveState.OPEN and d.window_end <= now)
            ),
            limit,
        )

    def of_site(self, site_id, *, since, limit):
        here = self._where(lambda d: d.site.site_id == site_id and d.window_start >= since, 10_000)
        return sorted(here, key=lambda d: d.window_start, reverse=True)[:limit]

    def ended_of(self, campaign_id, *, known):
        return self._where(
            lambda d: (
                d.terms.campaign_id == campaign_id
                and d.state in ENDED
                and d.revision > 0
                and known.get(d.drive_id) != d.revision
            ),
            1_000,
        )

    def signed_by(self, household_id, *, limit):
        stored = self.sign_ups.get_many(sorted(self.sign_ups._documents)).values()
        return [
            each
            for each in stored
            if each.state.household_id == household_id and each.state.state == "signed"
        ][:limit]

    def giving_up_places(self, *, limit):
        stored = self.sign_ups.get_many(sorted(self.sign_ups._documents)).values()
        return [each for each in stored if each.state.to_free][:limit]

    def _where(self, holds, limit):
        return [drive for drive in self.drives.states() if holds(drive)][:limit]

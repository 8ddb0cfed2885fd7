"""The wiring of drives, over the database and the parts that bootstrap.py has."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import APIRouter
from pymongo.database import Database

from services.collection.adapters.cells import H3Cells
from services.collection.adapters.drive_announcements import announce_drive
from services.collection.adapters.drive_books import MongoDriveBooks
from services.collection.adapters.drive_lists import MongoDriveLists
from services.collection.adapters.mongo_drives import ANNOUNCE_AT, MongoDriveSearch, announce_beside
from services.collection.adapters.mongo_sites import (
    MongoCampaigns,
    MongoContacts,
    MongoDrivePlaces,
    MongoSeriesBook,
)
from services.collection.adapters.mongo_tickets import MongoTickets
from services.collection.adapters.recurrences import RuleDays
from services.collection.adapters.visit_lists import (
    SIGN_UP_INDEXES,
    VISIT_INDEXES,
    MongoListsById,
    MongoVisitReviews,
    waiting_beside,
)
from services.collection.application.campaigns import publish_boards
from services.collection.application.desk import Desk
from services.collection.application.drive_desk import DriveDesk
from services.collection.application.drive_ending import finish_all
from services.collection.application.drive_series import plan_ahead, watch_all
from services.collection.application.homes import KeptHomes, ShownCards
from services.collection.application.signing_up import sweep_places, withdraw_household
from services.collection.domain.drive import Drive
from services.collection.domain.signup import SignUp
from services.collection.domain.site import Site
from services.collection.domain.visit import Visit
from services.collection.entrypoints import (
    campaigns,
    drive_reading,
    drive_sites,
    drives,
    sign_ups,
    visit_reading,
    visit_reviews,
    visits,
)
from shared.messaging.documents import Beside
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.outbox_bound import OutboxBound
from shared.messaging.worker import Job

S = TypeVar("S")
OUTBOXES = ("drives", "visits")
AUDITED = ("drives", "visits", "sites", "sign_ups", "drive_series", "campaigns")
FINISH_EVERY_S = 1.0
WATCH_EVERY_S = 2.0
PLAN_EVERY_S = 30.0
BOARDS_EVERY_S = 10.0
Documents = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Shared:
    """What drives have in common with pickups."""

    desk: Desk
    bound: OutboxBound


class DriveWiring:
    """Objects of drives over one database."""

    def __init__(self, db: Database[Documents], shared: Shared) -> None:
        """Connects when first used."""

        def aggregates(
            name: str,
            kind: str,
            state_type: type[S],
            *,
            audited: Callable[[S], str],
            beside: Beside[S] | None = None,
        ) -> MongoAggregates[S]:
            return MongoAggregates(
                db[name],
                kind=kind,
                state_type=state_type,
                announce=announce_drive,
                bound=shared.bound,
                audited=audited,
                beside=beside,
            )

        self.drives = aggregates(
            "drives",
            "drive",
            Drive,
            audited=lambda d: d.site.community_code,
            beside={ANNOUNCE_AT: announce_beside},
        )
        self.visits = aggregates(
            "visits",
            "visit",
            Visit,
            audited=lambda v: v.site.community_code,
            beside={"waiting": waiting_beside},
        )
        self.sites = aggregates("sites", "site", Site, audited=lambda s: s.community_code)
        self.sign_ups = aggregates(
            "sign_ups", "sign_up", SignUp, audited=lambda s: s.community_code
        )
        self.series = MongoSeriesBook(db["drive_series"])
        self.campaigns = MongoCampaigns(db["campaigns"])
        self.places = MongoDrivePlaces(db["drive_places"])
        self.search = MongoDriveSearch(self.drives, self.visits, self.sign_ups)
        self.lists = MongoDriveLists(self.drives)
        self.reviews = MongoVisitReviews(self.visits)
        self.archive = _archive(self.visits, self.sign_ups)
        self.books = MongoDriveBooks(self.drives, self.visits)
        self.desk = self._desk(db, shared.desk)
        shared.desk.closers.append(lambda home: withdraw_household(home, desk=self.desk))

    def _desk(self, db: Database[Documents], desk: Desk) -> DriveDesk:
        return DriveDesk(
            sites=self.sites,
            series=self.series,
            campaigns=self.campaigns,
            contacts=MongoContacts(db["site_contacts"]),
            drives=self.drives,
            visits=self.visits,
            sign_ups=self.sign_ups,
            places=self.places,
            tickets=MongoTickets(db["ticket_books"]),
            search=self.search,
            homes=KeptHomes(desk),
            cards=ShownCards(desk),
            scales=desk.scales,
            permits=desk.permits,
            cells=H3Cells(),
            recurrences=RuleDays(),
            working_days=desk.working_days,
            clock=desk.clock,
            lease_clock=desk.lease_clock,
            reached=desk.reached,
        )

    def prepare(self) -> None:
        """Create indexes; may be repeated."""
        for each in (
            self.drives,
            self.visits,
            self.sites,
            self.sign_ups,
            self.series,
            self.campaigns,
        ):
            each.prepare()
        self.places.prepare()
        self.search.prepare()
        for lists in (self.lists, self.reviews, self.archive.visits, self.archive.sign_ups):
            lists.prepare()

    def routers(self) -> list[APIRouter]:
        """Return the routes of sites, drives, visits and sign-ups."""
        desk = self.desk
        return [
            drive_sites.sites_router(desk),
            drive_sites.series_router(desk),
            drives.planning_router(desk),
            drives.holding_router(desk),
            visits.tickets_router(desk),
            visits.telling_router(desk),
            visit_reviews.corrections_router(desk),
            visit_reviews.visit_reviews_router(desk),
            sign_ups.sign_ups_router(desk),
            drive_reading.drives_router(desk, self.lists),
            drive_reading.progress_router(desk),
            visit_reading.visits_of_drive_router(desk, self.archive),
            visit_reading.own_router(desk, self.archive),
            visit_reading.open_reviews_router(self.reviews),
            campaigns.campaigns_router(desk, self.campaigns),
        ]

    def jobs(self) -> list[Job]:
        """Return what the worker repeats."""
        desk = self.desk
        return [
            Job("plan-drives", PLAN_EVERY_S, lambda: plan_ahead(desk=desk)),
            Job("watch-drives", WATCH_EVERY_S, lambda: watch_all(desk=desk)),
            Job("finish-drives", FINISH_EVERY_S, lambda: finish_all(desk=desk)),
            Job("boards", BOARDS_EVERY_S, lambda: publish_boards(desk=desk)),
            Job("drive-places", WATCH_EVERY_S, lambda: sweep_places(desk=desk)),
        ]

    def invariants(self) -> dict[str, bool]:
        """Check the conservation of drives, and of their places."""
        counts = self.books.counts()
        terms = sum(n for term, n in counts.items() if term != "planned")
        return {
            "collection.drives": counts["planned"] == terms,
            "collection.drive_places": self.places.oversold() == 0,
        }


def _archive(
    visits: MongoAggregates[Visit], sign_ups: MongoAggregates[SignUp]
) -> visit_reading.DriveArchive:
    return visit_reading.DriveArchive(
        MongoListsById(visits, VISIT_INDEXES), MongoListsById(sign_ups, SIGN_UP_INDEXES)
    )

"""The part of tracking's wiring that is about consignments, numbers and parties."""

from datetime import timedelta
from functools import partial
from typing import Any

from fastapi import APIRouter
from pymongo.database import Database

from services.tracking.adapters import security_codes
from services.tracking.adapters.consignment_announcements import announce_consignment
from services.tracking.adapters.exemptions import TableExemptions
from services.tracking.adapters.mongo_consignments import MongoConsignmentSearch
from services.tracking.adapters.mongo_container_pool import MongoContainerDocuments
from services.tracking.adapters.mongo_grams import MongoGrams
from services.tracking.adapters.mongo_manifest_books import MongoManifestBooks
from services.tracking.adapters.mongo_numbers import MongoNumbers
from services.tracking.adapters.mongo_parties import MongoParties, unannounced
from services.tracking.adapters.mongo_trips import MongoTrips
from services.tracking.adapters.sandbox_registry import SandboxRegistry, Temper
from services.tracking.adapters.sealing_rules import sealing_table
from services.tracking.application import consignment_jobs as jobs
from services.tracking.application.consignment_claiming import sweep_claims
from services.tracking.application.consignment_containers import ReservedContainers
from services.tracking.application.consignment_desk import ConsignmentDesk
from services.tracking.application.consignment_errands import follow_errands
from services.tracking.application.consignment_legs import leg_verdicts
from services.tracking.domain.consignment import Consignment
from services.tracking.domain.consignment_rules import Rules
from services.tracking.domain.signature_codes import SecurityCode
from services.tracking.entrypoints import consignments as http
from services.tracking.entrypoints import numbers, parties
from services.tracking.entrypoints.consignment_reactions import consignment_reaction
from services.tracking.entrypoints.consignment_reading import (
    ConsignmentReading,
    printing_router,
    reading_router,
)
from services.tracking.settings import TrackingSettings
from shared.calendar.stored import MongoWorkingYears
from shared.kernel.clock import SystemClock, legal_day
from shared.messaging.crash_points import reached
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.outbox_bound import OutboxBound
from shared.messaging.reactions import Reaction
from shared.messaging.worker import Job
from shared.reference.working_days import ChinaWorkingDays

SWEEP_EVERY_S = 2.0
FOLLOW_EVERY_S = 1.0
WATCH_EVERY_S = 2.0
TELL_EVERY_S = 1.0
CLOSE_EVERY_S = 600.0
# Devices come online late: their numbers of last year are returned a month after its end.
YEAR_KEPT = timedelta(days=31)


class ConsignmentWiring:
    """Consignments' objects over tracking's database."""

    def __init__(
        self,
        database: Database[dict[str, Any]],
        settings: TrackingSettings,
        *,
        containers: ReservedContainers,
        documents: MongoContainerDocuments,
        working_days: MongoWorkingYears,
        bound: OutboxBound,
    ) -> None:
        """Connects when first used."""
        self.consignments = MongoAggregates(
            database["consignments"],
            kind="consignment",
            state_type=Consignment,
            announce=announce_consignment,
            bound=bound,
        )
        self.search = MongoConsignmentSearch(self.consignments)
        self.books = MongoManifestBooks(self.consignments.collection)
        self.numbers = MongoNumbers(database)
        self.containers = containers
        self._documents = documents
        self.trips = MongoTrips(database["trips"])
        self.grams = MongoGrams(database["allowances"])
        self.parties = MongoParties(database)
        self.security_codes = MongoAggregates(
            database["security_codes"],
            kind="security_code",
            state_type=SecurityCode,
            announce=unannounced,
        )
        temper = Temper(settings.registry_delay_s, settings.registry_away, settings.registry_twice)
        self.registry = SandboxRegistry(database["sandbox_registry"], temper)
        self.rules = Rules(sealing_table(), ChinaWorkingDays(working_days.of))
        self.desk = ConsignmentDesk(
            consignments=self.consignments,
            search=self.search,
            containers=self.containers,
            numbers=self.numbers,
            trips=self.trips,
            grams=self.grams,
            parties=self.parties,
            codes=security_codes.StoredCodes(self.security_codes, SystemClock()),
            rules=self.rules,
            clock=settings.clock(),
            lease_clock=SystemClock(),
            reached=reached,
            judges_leg=partial(leg_verdicts, exemptions=TableExemptions()),
        )

    def prepare(self) -> None:
        """Create indexes; may be repeated."""
        self.consignments.prepare()
        self.search.prepare()
        self.numbers.prepare()
        self._documents.prepare()
        self.trips.prepare()
        self.grams.prepare()
        self.parties.prepare()

    def routers(self) -> list[APIRouter]:
        """Return the routes of consignments, numbers and parties."""
        registry = parties.RegistryOffice(
            parties=self.parties,
            codes=self.security_codes,
            new_code=security_codes.new_code,
            fingerprint=security_codes.fingerprint,
            clock=self.desk.clock,
        )
        reading = ConsignmentReading(self.desk, self.search, self.printed)
        office = numbers.NumberOffice(self.numbers, self.parties, self.desk.clock)
        return [
            http.drafting_router(self.desk),
            http.sealing_router(self.desk),
            http.signing_router(self.desk),
            http.carrying_router(self.desk),
            http.answering_router(self.desk),
            http.losing_router(self.desk),
            reading_router(reading),
            printing_router(reading),
            numbers.leasing_router(office),
            numbers.accounting_router(self.numbers),
            parties.registry_router(registry),
            parties.code_router(registry),
        ]

    def printed(self, kind: str, held: Consignment) -> bytes:
        """Return the PDF of a manifest or of a waybill, with the names that are known."""
        from services.tracking.adapters import manifest_print

        names = self.parties.names(held.party_ids())
        prints = {
            "manifest": manifest_print.manifest_pdf,
            "waybill": manifest_print.waybill_pdf,
        }
        return prints[kind](held, names)

    def reaction(self) -> Reaction:
        """Return what is done about own events."""
        return consignment_reaction(self.consignments, self.rules)

    def jobs(self) -> list[Job]:
        """Return the worker's jobs."""
        desk = self.desk
        return [
            Job("consignment-claims", SWEEP_EVERY_S, partial(sweep_claims, desk=desk)),
            Job("consignment-errands", FOLLOW_EVERY_S, partial(follow_errands, desk=desk)),
            Job("consignment-deadlines", WATCH_EVERY_S, partial(jobs.watch_deadlines, desk=desk)),
            Job(
                "national-registry",
                TELL_EVERY_S,
                partial(jobs.tell_registry, self.registry, desk=desk),
            ),
            Job("number-ranges", SWEEP_EVERY_S, self.numbers.settle_open),
            Job("number-years", CLOSE_EVERY_S, self.close_past_years),
        ]

    def close_past_years(self) -> int:
        """Return the free numbers of years that are over."""
        return self.numbers.close_past_years(legal_day(self.desk.clock.now() - YEAR_KEPT).year)

    def facts(self) -> dict[str, Any]:
        """Return the counts of consignments and numbers, and where manifests' grams are."""
        return {
            "consignments": self.search.counts(),
            "manifests": self.books.facts(),
            "numbers": self.numbers.counts(),
        }

    def invariants(self) -> dict[str, bool]:
        """Check that every consignment is somewhere, and every number accounted for."""
        counts, used = self.search.counts(), self.numbers.counts()
        terms = sum(count for term, count in counts.items() if term != "drafted")
        ends = sum(used[name] for name in ("held", "used", "void", "returned", "free"))
        return {
            "tracking.consignment_counts": counts["drafted"] == terms,
            "tracking.numbers_accounted_for": ends == used["leased"] <= used["given"],
        }

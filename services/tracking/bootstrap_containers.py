"""The part of tracking's wiring that is about containers: `bootstrap` puts it into the whole."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from fastapi import APIRouter
from pymongo.database import Database

from services.tracking.adapters.announcements import announce
from services.tracking.adapters.codes import TableCodes
from services.tracking.adapters.label_facts import label_of
from services.tracking.adapters.mongo_fills import MongoFills
from services.tracking.adapters.mongo_places import MongoOperators
from services.tracking.adapters.mongo_search import MongoContainerSearch, MongoTaskSearch
from services.tracking.adapters.mongo_tag_batches import MongoTagBatches
from services.tracking.adapters.permits import permit_classes, permit_token
from services.tracking.adapters.segregation import TableClasses
from services.tracking.application.container_desk import ContainerDesk
from services.tracking.application.containment import ContainerWord
from services.tracking.application.quarantine_desk import QuarantineDesk
from services.tracking.domain.container import Container
from services.tracking.domain.container_permits import IssuedPermit, PermitRules
from services.tracking.domain.movement import Movement
from services.tracking.domain.quarantine import Task
from services.tracking.domain.tag_batch import TagBatch
from services.tracking.entrypoints import container_http
from services.tracking.entrypoints.container_reading import (
    ContainerRegistry,
    container_papers_router,
    container_reading_router,
)
from services.tracking.entrypoints.quarantine_http import quarantine_router
from services.tracking.entrypoints.tag_http import tag_router
from services.tracking.settings import TrackingSettings
from shared.kernel.clock import Clock, legal_day
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.outbox_bound import OutboxBound
from shared.permits.signing import PermitSigner, ensure_permit_keys
from shared.posting.mongo_ledgers import BESIDE

Documents = dict[str, Any]


class ContainerWiring:
    """Containers, their movements, quarantine, permits, tags: the objects over one database."""

    def __init__(
        self,
        database: Database[Documents],
        settings: TrackingSettings,
        *,
        clock: Clock,
        bound: OutboxBound,
    ) -> None:
        """`bound` refuses commands while too much waits for Kafka; facts come in all the same."""
        self._db = database
        self._settings = settings
        self._clock = clock
        self.containers = self._containers(bound)
        self.movements = MongoAggregates(
            database["container_movements"],
            kind="container_movement",
            state_type=Movement,
            announce=announce,
            beside=BESIDE,
        )
        self.tasks = MongoAggregates(
            database["tasks"], kind="task", state_type=Task, announce=announce, bound=bound
        )
        self.permits = MongoAggregates(
            database["permits"], kind="permit", state_type=IssuedPermit, announce=announce
        )
        batches = MongoAggregates(
            database["tag_batches"], kind="tag_batch", state_type=TagBatch, announce=announce
        )
        self._batches = MongoTagBatches(batches)
        self._fills = MongoFills(database["fills"])
        self.search = MongoContainerSearch(self.containers)
        self._task_search = MongoTaskSearch(self.tasks)
        self.operators = MongoOperators(database["places"])

    def prepare(self) -> None:
        """Create indexes; may be repeated."""
        documents = (self.containers, self.tasks, self.movements)
        for part in (*documents, self.search, self._task_search, self._fills, self._batches):
            part.prepare()

    def containment(self) -> ContainerWord:
        """Return the containers as journals ask them."""
        containers = self._containers(None)
        return ContainerWord(containers, self._fills, TableClasses(), permits=self.permits)

    def facts(self) -> dict[str, Any]:
        """Return what containers and tasks say of the grams that the ledger has there."""
        return {
            "containers_hold_g": self.search.content_g(),
            "tasks_hold_g": self._task_search.in_quarantine_g(),
            "open_tasks": self._task_search.open_tasks(),
        }

    def unbounded(self) -> MongoAggregates[Container]:
        """Return the containers as facts change them: never refused while Kafka is away."""
        return self._containers(None)

    def desk(self) -> ContainerDesk:
        """Return what commands on containers work with."""
        settings = self._settings
        rules = PermitRules(
            hours_default=settings.permit_hours,
            hours_max=settings.permit_hours_max,
            live_max=settings.permits_live_max,
        )
        return ContainerDesk(
            containers=self.containers,
            archive=self._fills,
            permits=self.permits,
            batches=self._batches,
            codes=TableCodes(),
            classes=TableClasses(),
            clock=self._clock,
            permit_rules=rules,
            foreign_tags=settings.foreign_tags,
        )

    @cached_property
    def signer(self) -> PermitSigner:
        """What signs permits; development makes its key when it is first asked for."""
        given = self._settings.permit_key
        return PermitSigner(given or ensure_permit_keys(self._settings.state_dir))

    def permit_keys(self) -> dict[str, Any]:
        """Return the public keys of permits."""
        return self.signer.jwks()

    def routers(self) -> Sequence[APIRouter]:
        """Return the routes of containers, tags and quarantine."""
        office = container_http.ContainerOffice(
            desk=self.desk(),
            sign=lambda permit: permit_token(permit, self.signer),
            classes_of=permit_classes,
            jwks=self.permit_keys,
        )
        registry = ContainerRegistry(
            containers=self.containers,
            search=self.search,
            fills=self._fills,
            label=self._label,
            places=self.operators,
        )
        desk = QuarantineDesk(self.tasks, self.containers, TableClasses(), self._clock)
        manager = self._settings.epc_manager
        return [
            container_http.container_router(office),
            container_http.permit_router(office),
            container_http.sealing_router(office),
            container_http.mishap_router(office),
            container_reading_router(registry),
            container_papers_router(registry),
            quarantine_router(desk, self._task_search),
            tag_router(self._batches, clock=self._clock, epc_manager=manager),
        ]

    def _label(self, held: Container) -> bytes:
        from services.tracking.adapters.label_pdf import label_pdf

        return label_pdf(label_of(held, legal_day(self._clock.now())))

    def _containers(self, bound: OutboxBound | None) -> MongoAggregates[Container]:
        return MongoAggregates(
            self._db["containers"],
            kind="container",
            state_type=Container,
            announce=announce,
            bound=bound,
        )

"""How a service's bootstrap puts relay, reactions and worker together over one database."""

import os
from collections.abc import Callable, Sequence
from typing import Any

from pymongo.database import Database

from shared.contracts.topic import Topic
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.messaging.cursors import MongoCursors
from shared.messaging.dead_letters import MongoDeadLetters
from shared.messaging.kafka_producer import KafkaSender
from shared.messaging.kafka_source import KafkaSource
from shared.messaging.leases import MongoLeases
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.outbox_bound import OutboxBound
from shared.messaging.pending import MongoPendingEvents
from shared.messaging.quarantine import MongoQuarantine
from shared.messaging.reactions import Reaction
from shared.messaging.relay import Relay
from shared.messaging.runner import Runner
from shared.messaging.worker import Job
from shared.observability import metrics
from shared.observability.settings import ServiceSettings

Documents = dict[str, Any]
OUTBOX_MEASURED_EVERY_S = 2.0


def relay_of(
    database: Database[Documents],
    settings: ServiceSettings,
    *,
    collections: Sequence[str],
    topics: Sequence[Topic],
) -> Relay:
    """Return the relay of a service's topics; its owner's name is new at every start."""
    return Relay(
        MongoPendingEvents([database[name] for name in collections]),
        MongoLeases(
            database["relay"], topics, owner=f"{settings.instance}:{os.getpid()}:{new_id()}"
        ),
        producer=KafkaSender(settings.kafka, client_id=settings.instance),
        quarantine=MongoQuarantine(database["quarantine"]),
        published=_observe_published,
    )


def runner_of(
    reaction: Reaction, database: Database[Documents], settings: ServiceSettings
) -> Runner:
    """Return what runs a reaction as the settings' instance and generation.

    A later generation is another Kafka group, so that the present one goes on beside it. Raises
    `Invalid` (reaction.generation) where it would write into the documents of another.
    """
    _expect_own_collections(reaction, settings.generation)
    group = reaction.group
    return Runner(
        reaction,
        KafkaSource(
            settings.kafka,
            group=of_generation(group, settings.generation),
            instance=settings.instance,
        ),
        cursors=MongoCursors(
            database["cursors"],
            group=group,
            generation=settings.generation,
            owner=settings.instance,
        ),
        letters=MongoDeadLetters(
            database["dead_letters"], group=group, generation=settings.generation
        ),
        generation=settings.generation,
    )


def of_generation(name: str, generation: int) -> str:
    """Return a collection's or Kafka group's name in a generation; the first has the bare one."""
    return name if generation == 1 else f"{name}_{generation}"


def outbox_job(database: Database[Documents], collections: Sequence[str]) -> Job:
    """Return the job that keeps the outbox's gauges."""
    bound = OutboxBound([database[name] for name in collections])

    def measure() -> None:
        backlog = bound.measure()
        metrics.OUTBOX_DOCUMENTS.set(backlog.documents)
        metrics.OUTBOX_AGE_S.set(backlog.age_s)
        metrics.RELAY_QUARANTINED.set(database["quarantine"].estimated_document_count())

    return Job("outbox", OUTBOX_MEASURED_EVERY_S, measure)


def invariant_job(check: Callable[[], dict[str, bool]], *, every_s: float = 15.0) -> Job:
    """Return the job that exports whether each invariant holds."""

    def run() -> None:
        for name, holds in check().items():
            metrics.INVARIANT_BROKEN.labels(name).set(0 if holds else 1)

    return Job("invariants", every_s, run)


def _expect_own_collections(reaction: Reaction, generation: int) -> None:
    """A rebuild into documents that hold the effects already would count everything twice."""
    for entities in reaction.entities if generation > 1 else ():
        name = entities.collection.name if isinstance(entities, MongoAggregates) else ""
        if not name.endswith(f"_{generation}"):
            raise Invalid("reaction.generation", f"{name!r} is not of generation {generation}")


def _observe_published(topic: str, ages_s: Sequence[float]) -> None:
    metrics.RELAY_PUBLISHED.labels(topic).inc(len(ages_s))
    for age_s in ages_s:
        metrics.RELAY_LATENCY_S.labels(topic).observe(age_s)

"""How a service's bootstrap puts relay, reactions and worker together over one database."""

import os
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from pymongo.database import Database

from shared.contracts.topic import Topic
from shared.kernel.errors import Invalid
from shared.kernel.ids import new_id
from shared.messaging import mongo_client
from shared.messaging.cursors import MongoCursors
from shared.messaging.dead_letters import MongoDeadLetters
from shared.messaging.generations import FIRST, active_generation, of_generation
from shared.messaging.kafka_producer import KafkaSender
from shared.messaging.kafka_source import KafkaSource, ends_of
from shared.messaging.leases import MongoLeases
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.outbox_bound import OutboxBound
from shared.messaging.pending import MongoPendingEvents
from shared.messaging.quarantine import MongoQuarantine
from shared.messaging.reaction_rebuild import ReactionRebuild, forget_generation
from shared.messaging.reactions import Reaction
from shared.messaging.rebuild_role import Rebuildable
from shared.messaging.rebuilding import Look
from shared.messaging.relay import Relay
from shared.messaging.runner import Runner
from shared.messaging.worker import Job
from shared.observability import metrics
from shared.observability.settings import ServiceSettings

T = TypeVar("T", bound=ServiceSettings)
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
    """Return what runs a reaction as the settings' instance and generation (the first by default).

    A later generation is another Kafka group, so that the present one goes on beside it. Raises
    `Invalid` (reaction.generation) where it would write into the documents of another.
    """
    generation = settings.generation or FIRST
    _expect_own_collections(reaction, generation)
    group = reaction.group
    return Runner(
        reaction,
        KafkaSource(
            settings.kafka,
            group=of_generation(group, generation),
            instance=settings.instance,
        ),
        cursors=MongoCursors(
            database["cursors"],
            group=group,
            generation=generation,
            owner=settings.instance,
        ),
        letters=MongoDeadLetters(database["dead_letters"], group=group, generation=generation),
        generation=generation,
    )


def with_generation(settings: T, group: str) -> T:
    """Return the settings with the generation that a group's readers use now; blocks.

    One that the environment names stays: a pinned one.
    """
    if settings.generation is not None:
        return settings
    with mongo_client.connect(settings.mongodb, name=settings.instance) as client:
        active = active_generation(mongo_client.database(client, settings.database), group)
    return settings.model_copy(update={"generation": active})


def rebuildable_reaction(
    database: Database[Documents],
    settings: ServiceSettings,
    *,
    reaction_of: Callable[[int], Reaction],
    group: str,
    collection: str,
    look: Look,
    replaces: bool = True,
) -> Rebuildable:
    """Return how the documents of a reaction are rebuilt; `reaction_of` makes it for a generation.

    `collection` is its documents' bare name, `look` what of a document is compared.
    """

    def begin(present: int, rebuilt: int) -> ReactionRebuild:
        own = settings.model_copy(update={"generation": rebuilt})
        rebuilding = reaction_of(rebuilt)
        return ReactionRebuild(
            runner_of(rebuilding, database, own),
            database,
            ends=ends_of(settings.kafka, rebuilding.topics),
            generations=(present, rebuilt),
            collections=(
                database[of_generation(collection, present)],
                database[of_generation(collection, rebuilt)],
            ),
            look=look,
        )

    def forget(generation: int) -> None:
        name = of_generation(collection, generation)
        forget_generation(database, group, generation=generation, collection=name)

    return Rebuildable(database, group, begin, forget, replaces)


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
    for entities in reaction.entities if generation > FIRST else ():
        name = entities.collection.name if isinstance(entities, MongoAggregates) else ""
        if not name.endswith(f"_{generation}"):
            raise Invalid("reaction.generation", f"{name!r} is not of generation {generation}")


def _observe_published(topic: str, ages_s: Sequence[float]) -> None:
    metrics.RELAY_PUBLISHED.labels(topic).inc(len(ages_s))
    for age_s in ages_s:
        metrics.RELAY_LATENCY_S.labels(topic).observe(age_s)

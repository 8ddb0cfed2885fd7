"""What a service does about events, declared: which entities a type concerns, and what is decided.

Effects are idempotent by the marks of the entities that they change (docs/exactness.md). Topics
have no mutual order: `decide` gets None for an entity that is not known yet, and may create it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeVar

from shared.contracts.catalogue import TOPIC_BY_TYPE
from shared.contracts.topic import Payload
from shared.kernel.aggregate import Decision
from shared.kernel.events import Event
from shared.messaging.marks import Mark, mark_name
from shared.messaging.ports import EntityChange, Reacting

S = TypeVar("S")
AnyEvent = Event[Any]


@dataclass(frozen=True, slots=True)
class Effect(Generic[S]):
    """What one type of event does to entities of one kind.

    `entity_ids` names the entities that it concerns. `decide` gets the id, the state or None, and
    the event; it is pure, raises `Rejected` for what can never be applied, and answers None where
    nothing is to be written.
    """

    entities: Reacting[S]
    entity_ids: Callable[[AnyEvent], Sequence[str]]
    decide: Callable[[str, S | None, AnyEvent], Decision[S] | None]


@dataclass(frozen=True, slots=True)
class Reaction:
    """All effects of one consumer group."""

    group: str
    effects: Mapping[type[Payload], Sequence[Effect[Any]]]

    def __post_init__(self) -> None:
        """A second effect would find the first one's mark, or be replayed with it: refuse it."""
        for payload, effects in self.effects.items():
            if len(effects) != 1:
                raise ValueError(f"{payload.TYPE} needs one effect; a second is another group's")

    @property
    def topics(self) -> tuple[str, ...]:
        """The topics that carry the types."""
        return tuple(sorted({TOPIC_BY_TYPE[payload.TYPE].name for payload in self.effects}))

    def handles(self, type_: str) -> bool:
        """Say whether anything is done about a type."""
        return any(type_ == payload.TYPE for payload in self.effects)

    @property
    def entities(self) -> list[Reacting[Any]]:
        """The collections that the effects change, each once."""
        effects = [effect for held in self.effects.values() for effect in held]
        return list({id(effect.entities): effect.entities for effect in effects}.values())

    def entity_ids(self, event: AnyEvent) -> list[str]:
        """Return the entities that an event concerns, each once, in the event's order."""
        effects = self.effects[type(event.data)]
        return list(dict.fromkeys(each for effect in effects for each in effect.entity_ids(event)))

    def apply(
        self,
        events: Sequence[AnyEvent],
        mark_of: Callable[[AnyEvent], Mark],
        *,
        concerns: Callable[[AnyEvent, str], bool] = lambda _event, _entity_id: True,
    ) -> None:
        """Apply events in order, with one `apply` for each collection that they concern.

        `concerns` leaves out entities of an event. Raises what `decide` and `Reacting` raise.
        """
        targets: dict[int, tuple[Reacting[Any], list[EntityChange[Any]]]] = {}
        for event in events:
            for effect in self.effects[type(event.data)]:
                held = targets.setdefault(id(effect.entities), (effect.entities, []))
                ids = [each for each in effect.entity_ids(event) if concerns(event, each)]
                held[1].extend(_changes(effect, event, mark_of(event), entity_ids=ids))
        for entities, changes in targets.values():
            entities.apply(changes)


def sequence_mark(group: str, generation: int) -> Callable[[AnyEvent], Mark]:
    """Return what marks an event's effect: its sequence in its partition."""

    def mark(event: AnyEvent) -> Mark:
        by = mark_name(group, generation, event.topic, partition=event.partition)
        return Mark(by, event.sequence)

    return mark


def _changes(
    effect: Effect[S], event: AnyEvent, mark: Mark, *, entity_ids: Sequence[str]
) -> list[EntityChange[S]]:
    return [
        EntityChange(entity_id, mark, partial(_decide, effect, entity_id, event))
        for entity_id in entity_ids
    ]


def _decide(
    effect: Effect[S], entity_id: str, event: AnyEvent, state: S | None
) -> Decision[S] | None:
    return effect.decide(entity_id, state, event)

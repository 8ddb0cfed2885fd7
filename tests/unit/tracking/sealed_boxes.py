"""Sealed containers in memory, as consignments reserve them and tell them what they go through."""

from typing import get_args

from services.tracking.adapters.announcements import announce
from services.tracking.adapters.mongo_container_pool import entity_change
from services.tracking.application.consignment_containers import ReservedContainers
from services.tracking.domain.amounts import Amount
from services.tracking.domain.consignment_claims import Claim, Kind
from services.tracking.domain.container import Container
from services.tracking.domain.container_states import State
from services.tracking.entrypoints.container_reactions import Moving, movement_of
from shared.kernel.aggregate import Decision
from shared.messaging.in_memory import InMemoryAggregates
from tests.unit.tracking.builders import WEIGHED_AT, container, event_of, summed


class InMemoryContainers(ReservedContainers):
    """Sealed containers in memory; `holders` says which consignment has which."""

    def __init__(self, *items, clock):
        kept = InMemoryAggregates(kind="container", state_type=Container, announce=announce)
        object.__setattr__(self, "tags", tuple(item.tag for item in items))
        super().__init__(kept, kept, HoldsOf(self), clock, FakeOperators())
        for item in items:
            kept.create(item.tag, Decision(sealed_container(item)))

    def all(self):
        return [stored.state for stored in self.containers.get_many(self.tags).values()]

    @property
    def holders(self):
        return {
            each.tag: each.reservation.consignment_id
            for each in self.all()
            if each.reservation is not None
        }

    def movements(self):
        """The balanced entries that follow from what the containers told, each once."""
        told = [event.data for event in map(event_of, self.containers.announced)]
        moving = get_args(Moving)
        found = [movement_of(data) for data in told if isinstance(data, moving)]
        return {each.movement_id: each for each in found if each is not None}

    def moved_g(self):
        """Grams that came to each account, by what the containers told."""
        return summed(entry for each in self.movements().values() for entry in each.entries)


class FakeOperators:
    """Who operates places; `said` may be changed."""

    def __init__(self):
        self.said = {"outlet-yard": "outlet", "smelter-gate": "smelter"}
        self.central = frozenset()

    def operators(self, place_ids):
        return {each: self.said[each] for each in place_ids if each in self.said}

    def central_stores(self, place_ids):
        return frozenset(place_ids) & self.central


class HoldsOf:
    """`ContainerDocuments` over containers in memory."""

    def __init__(self, pool):
        self._pool = pool

    def change_all(self, changes):
        self._pool.containers.apply([entity_change(each) for each in changes])

    def many(self, tags):
        return self._pool.containers.get_many(tags)

    def expired(self, now, *, limit):
        held = [(each.tag, each.reservation) for each in self._pool.all() if each.reservation]
        return [
            Claim(Kind.CONTAINER, tag, hold.hold_id)
            for tag, hold in held
            if hold.expires_at is not None and hold.expires_at <= now
        ][:limit]


def sealed_container(item, *, holder="place/outlet-yard"):
    """A container that was sealed with what a manifest's line says."""
    return container(
        item.tag,
        state=State.SEALED,
        holder=holder,
        held_since=WEIGHED_AT,
        seen_at=WEIGHED_AT,
        booked=(Amount(item.material, item.net_g),),
    )

"""Tracking's reactions over in-memory twins, and what its commands work with."""

from collections import Counter
from dataclasses import replace
from functools import partial

from services.tracking.adapters.codes import TableCodes
from services.tracking.adapters.exemptions import TableExemptions
from services.tracking.adapters.segregation import TableClasses
from services.tracking.application.container_desk import ContainerDesk
from services.tracking.application.containment import ContainerWord
from services.tracking.application.exemptions import Judging
from services.tracking.domain import container_sealing as sealing
from services.tracking.domain.container import Container
from services.tracking.domain.container_permits import IssuedPermit
from services.tracking.domain.journal import Journal
from services.tracking.domain.movement import Movement, movement_id
from services.tracking.domain.quarantine import Task
from services.tracking.domain.tag_batch import Scheme, TagBatch
from services.tracking.domain.tags import BLOCK
from services.tracking.entrypoints.container_reactions import container_reaction
from services.tracking.entrypoints.reactions import reaction
from shared.contracts.container import LotQuarantined
from shared.contracts.topic import Payload
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict
from shared.messaging.reactions import sequence_mark
from tests.unit.tracking.builders import (
    BY,
    LATER,
    PICKUP,
    SORTING,
    event_of,
    in_memory,
    in_order,
    published,
    summed,
)


class FakeFills:
    """An archive of fills in a dictionary."""

    def __init__(self):
        self.fills = {}

    def keep(self, fill):
        self.fills.setdefault((fill.tag, fill.fill), fill)

    def fill_with(self, tag, source_id):
        found = [
            fill
            for (of, _), fill in self.fills.items()
            if of == tag and (held := fill.deposit_of(source_id)) and held.shares
        ]
        return max(found, key=lambda fill: fill.fill, default=None)


class FakeTagBatches:
    """Blocks of tags in a dictionary."""

    def __init__(self):
        self.batches = in_memory("tag_batch", TagBatch)
        self.blocks = {}

    def get(self, batch_id):
        return self.batches.get(batch_id)

    def next_block(self):
        return max(self.blocks, default=-1) + 1

    def create(self, batch_id, decision, *, request):
        if self.blocks.get(decision.state.block, batch_id) != batch_id:
            raise Conflict("tracking.tag_block_taken")
        made = self.batches.create(batch_id, decision, request=request)
        self.blocks[made.state.block] = batch_id
        return made

    def is_issued(self, serial):
        block, place = divmod(serial, BLOCK)
        held = self.blocks.get(block)
        batch = self.batches.get(held).state if held else None
        return batch is not None and batch.scheme is Scheme.OWN and place < batch.count


def desk_of(yard, clock, *, codes=None, **rest):
    """What commands on containers work with, over the yard's containers."""
    return ContainerDesk(
        containers=yard.containers,
        archive=yard.fills,
        permits=yard.permits,
        batches=FakeTagBatches(),
        codes=codes or TableCodes(),
        classes=TableClasses(),
        clock=clock,
        **rest,
    )


class Word(ContainerWord):
    """Containers that note what they are asked, and may die after their answer."""

    def __init__(self, *parts, **rest):
        super().__init__(*parts, **rest)
        self.asked, self.failing = [], False

    def ask(self, offers):
        self.asked.append(offers)
        answers = super().ask(offers)
        if self.failing:
            raise RuntimeError("the process died here")
        return answers


class Yard:
    """Tracking's reactions over the in-memory twins, fed by topic and sequence.

    `times`: what tracking tells itself comes so often.
    """

    times = 1

    def __init__(self, *containers):
        self.journals = in_memory("journal", Journal)
        self.containers = in_memory("container", Container)
        self.movements = in_memory("movement", Movement)
        self.tasks = in_memory("task", Task)
        self.fills = FakeFills()
        self.permits = in_memory("permit", IssuedPermit)
        self.word = Word(self.containers, self.fills, TableClasses(), permits=self.permits)
        judging = Judging(TableExemptions(), SORTING)
        self._reaction = reaction(self.journals, containment=self.word, judging=judging)
        self._own = container_reaction(
            self.journals, movements=self.movements, tasks=self.tasks, containment=self.word
        )
        self._heard, self._sequences, self._sent = Counter(), Counter(), Counter()
        self._registered = []
        for each in containers:
            self.register(each)

    def register(self, held):
        """Put a container there as it is, without announcing it."""
        self._registered.append(held.tag)
        try:
            self.containers.create(held.tag, Decision(held))
        except Conflict:
            self.containers.change(held.tag, lambda was: sealing.register(held, by=BY, unknown=was))

    def react(self, *events):
        """Take events of others, and then what tracking tells itself of them."""
        self._reaction.apply(events, sequence_mark("tracking", 1))
        self.follow(times=self.times)

    def tell(self, payload):
        """Take one more event of others, the next of its topic."""
        (event,) = in_order(payload)
        self._sent[event.topic] += 1
        self.react(replace(event, sequence=self._sent[event.topic]))

    def act(self, tag, act, **said):
        """Do an act to a container."""
        doing = partial(act, at=said.pop("at", LATER), by=BY, **said)
        return self.containers.change(tag, doing).state

    def follow(self, *, times=1):
        """Let tracking's own events come back to it, until nothing follows from them any more.

        `times`: each comes so often.
        """
        while fresh := list(self._unheard()):
            events = [event for event in fresh if self._own.handles(event.type)]
            for _ in range(times):
                self._own.apply(events, sequence_mark("tracking-containers", 1))

    def _unheard(self):
        for part in (self.containers, self.journals, self.tasks):
            for envelope in part.announced[self._heard[part] :]:
                self._heard[part] += 1
                self._sequences[envelope.partition] += 1
                yield event_of(envelope, sequence=self._sequences[envelope.partition])

    def told(self, *types):
        """What was announced of these types."""
        parts = (self.containers, self.journals, self.tasks)
        payloads = published(envelope for part in parts for envelope in part.announced)
        return [each for each in payloads if isinstance(each, types or Payload)]

    def all_tasks(self):
        """All tasks that were ever told of."""
        told = self.told(LotQuarantined)
        return [self.tasks.get(each).state for each in sorted({t.task_id for t in told})]

    @property
    def journal(self):
        return self.journals.get(PICKUP).state

    def container(self, tag="GL-1"):
        return self.containers.get(tag).state

    def balances_g(self, *pickup_ids):
        """Grams by (account, material), of pickups and of containers' movements."""
        return self.ledger_g(pickup_ids or [PICKUP])

    def ledger_g(self, pickup_ids):
        journals = [self.journals.get(each).state for each in pickup_ids]
        entries = [entry for journal in journals for entry in journal.entries]
        return summed([*entries, *(each.entries[0] for each in self.moved())])

    def moved(self):
        """The movements of all containers, in the order of their steps."""
        steps = [(tag, n) for tag in sorted(self.tags()) for n in range(1, self.steps(tag) + 1)]
        found = self.movements.get_many(movement_id(*each) for each in steps)
        return [stored.state for stored in found.values()]

    def tags(self):
        return {envelope.key for envelope in self.containers.announced} | set(self._registered)

    def steps(self, tag):
        return self.containers.get(tag).state.step

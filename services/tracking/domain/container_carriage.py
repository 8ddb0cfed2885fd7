"""What consignments find out about their containers on the road. A fact is never refused.

Where a container cannot have gone through it by its own books (an operator emptied it meanwhile),
the fact is noted in its history, nothing is posted, and the outcome names the oddity: a person
looks at it. Each fact has a name, so that a late repeat changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from services.tracking.domain import container_custody as custody
from services.tracking.domain import container_events as events
from services.tracking.domain.amounts import plus
from services.tracking.domain.container import DEEDS_MAX, SYSTEM, Container, Deed, Reservation
from services.tracking.domain.container_sealing import acted
from services.tracking.domain.container_states import TRANSITIONS, Act, State
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict

CARRIED_MAX = 64
LOST_WITH_LOAD = "lost-with-its-load"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that a consignment tells a container. `received_g` is the receiver's scale."""

    hold: Reservation
    step: int
    at: datetime
    holder: str | None = None
    received_g: int = 0

    @property
    def name(self) -> str:
        """What it is known by."""
        return f"{self.hold.consignment_id}:{self.step}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of it. `oddity` is a stable code for a person, None where all is as expected."""

    decision: Decision[Container]
    oddity: str | None = None


Carriage = Callable[[Container, Fact], Decision[Container]]


def carry(container: Container, fact: Fact, act: Carriage) -> Outcome | None:
    """Return what a fact makes of a container; None for one that it knows already."""
    if fact.name in container.carried:
        return None
    noted = replace(container, carried=(*container.carried, fact.name)[-CARRIED_MAX:])
    try:
        return Outcome(act(noted, fact))
    except Conflict as no:
        return Outcome(_only_noted(noted, fact, no.code), no.code)


def departs(container: Container, fact: Fact) -> Decision[Container]:
    """A carrier took it over: from its place, or from the carrier before."""
    there = finds(_own(container, fact), fact)
    assert fact.holder is not None, "somebody took it over"
    if there.state.state is State.IN_TRANSIT:
        consignment_id = fact.hold.consignment_id
        moved, moves = there.state.moved(
            fact.holder, at=fact.at, by=SYSTEM, consignment_id=consignment_id
        )
        return Decision(moved, (*there.events, *moves))
    return _then(there, partial(custody.depart, holder=fact.holder, at=fact.at, by=SYSTEM))


def arrives(container: Container, fact: Fact) -> Decision[Container]:
    """Its receiver, or its consignor on the way back, took it in, and its consignment is over."""
    there = finds(_own(container, fact), fact)
    assert fact.holder is not None, "somebody took it in"
    taken_in = partial(
        custody.receive,
        holder=fact.holder,
        received_g=fact.received_g,
        at=fact.at,
        by=SYSTEM,
    )
    return _then(_then(there, taken_in), partial(let_go, fact.hold.hold_id, at=fact.at))


def is_given_up(container: Container, fact: Fact) -> Decision[Container]:
    """Its load was declared lost: it is lost and written off, and its consignment still has it."""
    own = _own(container, fact)
    done = Decision(own)
    if own.state is not State.LOST:
        done = custody.lose(own, reason=LOST_WITH_LOAD, at=fact.at, by=SYSTEM)
    before = done.state.before
    done = _then(done, partial(custody.write_off, reason=LOST_WITH_LOAD, at=fact.at, by=SYSTEM))
    return Decision(replace(done.state, reservation=own.reservation, before=before), done.events)


def finds(container: Container, fact: Fact) -> Decision[Container]:
    """It is there after all: nothing, where nobody had missed it."""
    if container.state is State.LOST:
        return custody.find(container, holder=None, at=fact.at, by=SYSTEM)
    if container.state is not State.WRITTEN_OFF:
        return Decision(container)
    back = container.given_up
    found = replace(
        container,
        state=container.before or State.IN_TRANSIT,
        before=None,
        booked=plus(container.booked, back),
        given_up=(),
    )
    report = partial(
        events.Found,
        holder=container.holder,
        content=back,
        consignment_id=fact.hold.consignment_id,
    )
    return acted(found, Act.FIND, at=fact.at, by=SYSTEM, report=report)


def is_found(container: Container, fact: Fact) -> Decision[Container]:
    """Its load is on its way again."""
    return finds(_own(container, fact), fact)


def is_taken_over(from_id: str, container: Container, fact: Fact) -> Decision[Container]:
    """The child of a refusal has what its parent had."""
    held = container.reservation
    if held is None or held.consignment_id != from_id:
        raise Conflict("tracking.container_reserved", "its parent does not have the container")
    return custody.pass_on(container, held.hold_id, fact.hold, at=fact.at, by=SYSTEM)


def let_go(hold_id: str, container: Container, *, at: datetime) -> Decision[Container]:
    """Take it back from a hold, in whatever state it is; nothing where that hold has it no more."""
    held = container.reservation
    if held is None or held.hold_id != hold_id:
        return Decision(container)
    following = TRANSITIONS.get((container.state, Act.RELEASE), container.state)
    released = replace(container, state=following, reservation=None)
    report = partial(events.Released, consignment_id=held.consignment_id)
    return acted(released, Act.RELEASE, at=at, by=SYSTEM, report=report)


def kept(container: Container, hold_id: str) -> Decision[Container]:
    """The consignment uses its hold, which therefore does not expire."""
    held = container.reservation
    if held is None or held.hold_id != hold_id:
        return Decision(container)
    return Decision(replace(container, reservation=replace(held, expires_at=None)))


def _own(container: Container, fact: Fact) -> Container:
    held = container.reservation
    if held is None or held.consignment_id != fact.hold.consignment_id:
        raise Conflict("tracking.not_reserved", "another consignment has it, or none")
    return container


def _then(
    done: Decision[Container], act: Callable[[Container], Decision[Container]]
) -> Decision[Container]:
    more = act(done.state)
    return Decision(more.state, (*done.events, *more.events))


def _only_noted(container: Container, fact: Fact, code: str) -> Decision[Container]:
    """Keep the fact in the history; it is no step of the container's own."""
    deed = Deed(
        step=container.step,
        act="told",
        at=fact.at,
        by=SYSTEM,
        holder=fact.holder,
        reason=code,
        consignment_id=fact.hold.consignment_id,
    )
    return Decision(replace(container, deeds=(*container.deeds, deed)[-DEEDS_MAX:]))

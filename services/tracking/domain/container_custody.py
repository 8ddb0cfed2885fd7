"""Who has a sealed container, and how its fill ends. Consignments use these; facts are never late.

What a container is found to have gone through is told even where it is damaged: it travels in its
overpack, arrives, and is emptied.
"""

from dataclasses import replace
from datetime import datetime
from functools import partial

from services.tracking.domain import container_events as events
from services.tracking.domain.amounts import Amounts, negated, plus, shared_out
from services.tracking.domain.container import SYSTEM, By, Container, Reservation
from services.tracking.domain.container_sealing import acted, acted_at, main_material
from services.tracking.domain.container_states import FINAL, Act, State, after
from shared.kernel.aggregate import Decision
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict


def reserve(
    container: Container, reservation: Reservation, *, at: datetime, by: By
) -> Decision[Container]:
    """Give it to a consignment; a repeat changes nothing, another's is `Conflict`.

    tracking.container_reserved: another consignment has it. tracking.no_overpack: it is damaged
    and stands in no overpack.
    """
    held = container.reservation
    if held is not None and held.hold_id == reservation.hold_id:
        return Decision(container)
    if held is not None:
        raise Conflict("tracking.container_reserved", "another consignment has this container")
    following = after(container.state, Act.RESERVE)
    if container.state is State.DAMAGED and container.overpack_tag is None:
        raise Conflict("tracking.no_overpack", "a damaged container travels in an overpack only")
    reserved = replace(container, state=following, reservation=reservation)
    report = partial(events.Reserved, consignment_id=reservation.consignment_id)
    return acted(reserved, Act.RESERVE, at=at, by=by, report=report)


def release(container: Container, hold_id: str, *, at: datetime, by: By) -> Decision[Container]:
    """Take it back from a hold; nothing where that hold has it no more. Not while it travels."""
    held = container.reservation
    if held is None or held.hold_id != hold_id:
        return Decision(container)
    released = replace(container, state=after(container.state, Act.RELEASE), reservation=None)
    report = partial(events.Released, consignment_id=held.consignment_id)
    return acted(released, Act.RELEASE, at=at, by=by, report=report)


def pass_on(
    container: Container, hold_id: str, reservation: Reservation, *, at: datetime, by: By
) -> Decision[Container]:
    """Let another consignment have what a hold has, as for a refused container's way back."""
    held = container.reservation
    if held == reservation:
        return Decision(container)
    if held is None or held.hold_id != hold_id:
        raise Conflict("tracking.container_reserved", "this hold does not have the container")
    passed = replace(container, reservation=reservation)
    report = partial(events.Reserved, consignment_id=reservation.consignment_id)
    return acted(passed, Act.RESERVE, at=at, by=by, report=report)


def depart(container: Container, *, holder: str, at: datetime, by: By) -> Decision[Container]:
    """Let it leave with a carrier, for its consignment."""
    leaving = replace(container, state=after(container.state, Act.DEPART))
    consignment_id = _consignment(container)
    report = partial(events.Departed, consignment_id=consignment_id, holder=holder)
    return acted_at(
        leaving, Act.DEPART, holder, at=at, by=by, report=report, consignment_id=consignment_id
    )


def receive(
    container: Container, *, holder: str, at: datetime, by: By, received_g: int | None = None
) -> Decision[Container]:
    """Take it in at a place or a party.

    `received_g` is the receiver's scale: what the content differs by is declared, signed, and
    shared among the materials as a seal shares it.
    """
    difference = _difference(container, received_g)
    arrived = replace(
        container,
        state=after(container.state, Act.RECEIVE),
        booked=plus(container.booked, negated(difference)),
    )
    consignment_id = _consignment(container)
    report = partial(
        events.Received, consignment_id=consignment_id, holder=holder, difference=difference
    )
    placed, moves = container.moved(holder, at=at, by=by, consignment_id=consignment_id)
    there = replace(placed, state=arrived.state, booked=arrived.booked)
    done = acted(there, Act.RECEIVE, at=at, by=by, report=report)
    return Decision(done.state, (*moves, *done.events))


def put_down(
    container: Container, *, vehicle: str, place: str, at: datetime
) -> Decision[Container]:
    """A vehicle unloaded at a place: what it had then is there; what came on later is not."""
    seen_at = container.seen_at
    on_board = container.holder == vehicle and seen_at is not None and seen_at <= at
    if not on_board or container.state in FINAL:
        return Decision(container)
    placed, moves = container.moved(place, at=at, by=SYSTEM)
    return Decision(placed, moves)


def empty(container: Container, *, holder: str | None, at: datetime, by: By) -> Decision[Container]:
    """Take its content out, where it is or at a place: the grams are in no container then."""
    following = after(container.state, Act.EMPTY)
    target = holder or container.holder
    if target is None:
        raise Conflict("tracking.place_needed", "nobody knows where it is: name the place")
    content = container.content
    emptied = replace(
        container,
        state=following,
        booked=plus(container.booked, negated(content)),
        seal=None,
        reservation=None,
    )
    report = partial(
        events.Emptied,
        fill=container.fill,
        from_holder=container.holder,
        to_holder=target,
        content=content,
    )
    return acted(emptied, Act.EMPTY, at=at, by=by, report=report)


def clean(container: Container, *, at: datetime, by: By) -> Decision[Container]:
    """Clean it."""
    cleaned = replace(container, state=after(container.state, Act.CLEAN))
    return acted(cleaned, Act.CLEAN, at=at, by=by, report=events.Cleaned)


def ready(container: Container, *, at: datetime, by: By) -> Decision[Container]:
    """Let a cleaned one be filled again: a new fill begins, the last one is in the archive.

    `Conflict`: tracking.container_damaged, tracking.test_expired. A damaged one is only retired.
    """
    following = after(container.state, Act.READY)
    if container.damaged:
        raise Conflict("tracking.container_damaged", "a damaged container is retired")
    if container.tested_until is not None and container.tested_until < legal_day(at):
        raise Conflict("tracking.test_expired", "its periodic test is over; test it, or retire it")
    fresh = replace(
        container,
        state=following,
        fill=container.fill + 1,
        fill_began_at=at,
        deposits=(),
        booked=(),
        leases=(),
        deeds=(),
        overpack_tag=None,
    )
    report = partial(events.Readied, fill=fresh.fill)
    return acted(fresh, Act.READY, at=at, by=by, report=report)


def retire(container: Container, *, reason: str, at: datetime, by: By) -> Decision[Container]:
    """Use it no more."""
    retired = replace(container, state=after(container.state, Act.RETIRE))
    report = partial(events.Retired, reason=reason)
    return acted(retired, Act.RETIRE, at=at, by=by, reason=reason, report=report)


def damage(
    container: Container, *, reason: str, overpack_tag: str | None, at: datetime, by: By
) -> Decision[Container]:
    """Note that it is broken, and the overpack that it was put into; its content stays in it."""
    damaged = replace(
        container,
        state=after(container.state, Act.DAMAGE),
        damaged=True,
        overpack_tag=overpack_tag or container.overpack_tag,
    )
    report = partial(events.Damaged, reason=reason, overpack_id=damaged.overpack_tag)
    done = acted(damaged, Act.DAMAGE, at=at, by=by, reason=reason, report=report)
    learnt, reports = container.learning(done.state, at=at)
    return Decision(learnt, (*done.events, *reports))


def lose(container: Container, *, reason: str, at: datetime, by: By) -> Decision[Container]:
    """Note that nobody knows where it is; its grams stay where they were last seen."""
    following = after(container.state, Act.LOSE)
    lost = replace(container, state=following, before=container.state)
    report = partial(events.Lost, reason=reason)
    return acted(lost, Act.LOSE, at=at, by=by, reason=reason, report=report)


def find(container: Container, *, holder: str | None, at: datetime, by: By) -> Decision[Container]:
    """Have it back, in the state in which it was lost."""
    after(container.state, Act.FIND)
    found = replace(container, state=container.before or State.EMPTY, before=None)
    where = holder or found.holder
    report = partial(events.Found, holder=where)
    if where is None:
        return acted(found, Act.FIND, at=at, by=by, report=report)
    return acted_at(found, Act.FIND, where, at=at, by=by, report=report)


def write_off(container: Container, *, reason: str, at: datetime, by: By) -> Decision[Container]:
    """Give a lost one up: its content is a declared loss."""
    following = after(container.state, Act.WRITE_OFF)
    content = container.content
    gone = replace(
        container,
        state=following,
        booked=plus(container.booked, negated(content)),
        given_up=content,
        reservation=None,
        before=None,
    )
    report = partial(
        events.WrittenOff,
        fill=container.fill,
        holder=container.holder,
        content=content,
        reason=reason,
        consignment_id=_on_the_way_of(container),
    )
    return acted(gone, Act.WRITE_OFF, at=at, by=by, reason=reason, report=report)


def _difference(container: Container, received_g: int | None) -> Amounts:
    """Return what lies in it by the books less what the receiver's scale said, by material."""
    if received_g is None:
        return ()
    net = shared_out(received_g, container.content, otherwise=main_material(container))
    return plus(container.content, negated(net))


def _on_the_way_of(container: Container) -> str | None:
    """Return the consignment on whose way a lost container was."""
    held = container.reservation
    return held.consignment_id if held and container.before is State.IN_TRANSIT else None


def _consignment(container: Container) -> str:
    if container.reservation is None:
        raise Conflict("tracking.not_reserved", "no consignment has this container")
    return container.reservation.consignment_id

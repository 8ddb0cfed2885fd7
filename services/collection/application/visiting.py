"""What devices do at a drive: lease tickets, check visitors in, tell what the scale said."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from services.collection.application.drive_desk import Crew, DriveDesk
from services.collection.application.drive_ending import finish, follow
from services.collection.application.permitting import with_permits
from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import AHEAD, DriveState
from services.collection.domain.signup import SignUpState
from services.collection.domain.tickets import (
    NO_TICKETS,
    VISITS_MAX,
    TicketBook,
    TicketLease,
    TicketState,
    TicketVoid,
    check_block,
    number_beyond,
)
from services.collection.domain.visit import HOUSEHOLD, ORGANISATION, Submission, Visit, Visitor
from services.collection.domain.visiting import TicketFacts, record, visit_id_of
from services.collection.domain.weighing import Weighing, check_possible, judged
from shared.kernel.aggregate import Request, Stored
from shared.kernel.errors import Conflict, NotFound, Unavailable
from shared.kernel.ids import derived_id

DRAWS_MAX = 50
NO_BOOK = TicketBook("-")


def lease_tickets(drive_id: str, lease: TicketLease, *, crew: Crew, desk: DriveDesk) -> TicketLease:
    """Give a device the next numbers, to be used without a network until they expire.

    `Forbidden` (drive.not_named), `Conflict` (drive.closing, drive.no_tickets). May be repeated.
    """
    check_block(lease.count)
    drive = desk.drives.get(drive_id).state
    crew.check(drive)
    known = desk.tickets.book(drive_id).lease_of(lease.lease_id)
    if known is None and drive.state not in (*AHEAD, DriveState.OPEN):
        raise Conflict("drive.closing", "no more tickets are leased")
    dated = replace(lease, leased_at=desk.clock.now(), expires_at=drive.tickets_expire_at)
    return desk.tickets.lease(drive_id, dated)


def void_tickets(drive_id: str, void: TicketVoid, *, crew: Crew, desk: DriveDesk) -> TicketBook:
    """End tickets that will not be used. A visit that has one stays a fact. May be repeated."""
    crew.check(desk.drives.get(drive_id).state)
    book = desk.tickets.void(drive_id, void)
    if desk.drives.get(drive_id).state.state is DriveState.CLOSING:
        finish(drive_id, desk=desk)
    return book


@dataclass(frozen=True, slots=True)
class Identity:
    """How a visitor is recognised: by card, by sign-up, by what was noted at the check-in."""

    card: str | None = None
    sign_up_id: str | None = None
    organisation_id: str | None = None
    is_organisation: bool = False


@dataclass(frozen=True, slots=True)
class CheckIn:
    """A visitor stands in line: a ticket for them, under the id of the request."""

    drive_id: str
    ticket: TicketLease
    identity: Identity


def check_in(cmd: CheckIn, *, crew: Crew, desk: DriveDesk) -> TicketLease:
    """Give a visitor a ticket; it notes who came, where that was recognised."""
    drive = desk.drives.get(cmd.drive_id).state
    crew.check(drive)
    household_id, _ = _household(cmd.identity, cmd.drive_id, at=desk.clock.now(), desk=desk)
    ticket = replace(
        cmd.ticket,
        leased_at=desk.clock.now(),
        expires_at=max(drive.tickets_expire_at, desk.clock.now()),
        household_id=household_id,
    )
    return desk.tickets.lease(cmd.drive_id, ticket)


@dataclass(frozen=True, slots=True)
class TellVisit:
    """What the scale said of one visitor. Without a ticket one is drawn under `draw_id`.

    A weighing without vehicle or scale ("") is by the drive's own. The lots' ids are those of the
    visit, so they are made once the ticket is known. `permits` are the signed ones that the lots
    came with, in their order.
    """

    drive_id: str
    ticket: int | None
    draw_id: str
    device_id: str
    identity: Identity
    weighing: Weighing
    permits: tuple[str | None, ...] = ()


def tell_visit(cmd: TellVisit, *, desk: DriveDesk, request: Request[Visit]) -> Stored[Visit]:
    """Record a visit: never refused for a rule, only for the impossible.

    The same submission again is one visit. Another of the same ticket is kept for review, and
    `Conflict` (visit.already_weighed). What is told after the end revises the drive's totals.
    """
    drive = desk.drives.get(cmd.drive_id).state
    weighing = _judged(cmd, drive, desk=desk)
    ticket = cmd.ticket or _draw_for(cmd, drive, weighing, desk=desk)
    book = desk.tickets.book(cmd.drive_id)
    told = _submission(cmd, weighing, ticket=ticket, book=book, desk=desk)
    desk.reached("visit.write.before")
    visit = _keep(drive, _facts(ticket, book, desk=desk), told, desk=desk, request=request)
    desk.reached("visit.write.after")
    follow(cmd.drive_id, desk=desk)
    if visit.state.is_rival(told):
        raise Conflict("visit.already_weighed", "another weigh-in is recorded; this one is kept")
    return visit


def _keep(
    drive: Drive,
    ticket: TicketFacts,
    told: Submission,
    *,
    desk: DriveDesk,
    request: Request[Visit],
) -> Stored[Visit]:
    now = desk.clock.now()
    decision = record(drive, ticket, told, now=now)
    try:
        return desk.visits.create(decision.state.visit_id, decision, request=request)
    except Conflict:
        again = partial(Visit.tell_again, told=told, now=now)
        return desk.visits.change(decision.state.visit_id, again, request=request)


def _judged(cmd: TellVisit, drive: Drive, *, desk: DriveDesk) -> Weighing:
    """Judge before a ticket is drawn: the impossible leaves none behind."""
    weighing = replace(
        cmd.weighing,
        vehicle_id=cmd.weighing.vehicle_id or drive.terms.vehicle_id,
        scale_id=cmd.weighing.scale_id or drive.terms.scale_id,
    )
    check_possible(weighing.gross_g, weighing.tare_g, lots=weighing.lots)
    told = judged(weighing, desk.scales.find(weighing.scale_id), now=desk.clock.now())
    return with_permits(told, cmd.permits, permits=desk.permits)


def _submission(
    cmd: TellVisit, weighing: Weighing, *, ticket: int, book: TicketBook, desk: DriveDesk
) -> Submission:
    at = weighing.weighed_at
    household_id, flags = _household(cmd.identity, cmd.drive_id, at=at, desk=desk)
    lease = book.lease_with(ticket)
    if household_id is None and lease is not None:
        household_id = lease.household_id
    if cmd.identity.card is not None and household_id is None:
        flags = ("visit.card_unknown",)
    weighing = replace(weighing, flags=(*weighing.flags, *flags))
    visit_id = visit_id_of(cmd.drive_id, ticket)
    lots = tuple(
        replace(lot, lot_id=f"{visit_id}:1:{place}")
        for place, lot in enumerate(weighing.lots, start=1)
    )
    visitor = _visitor(cmd.identity, household_id)
    return Submission(cmd.device_id, visitor, replace(weighing, lots=lots))


def _visitor(identity: Identity, household_id: str | None) -> Visitor:
    is_organisation = identity.is_organisation or identity.organisation_id is not None
    return Visitor(
        household_id=household_id,
        organisation_id=identity.organisation_id,
        producer=ORGANISATION if is_organisation else HOUSEHOLD,
    )


def _household(
    identity: Identity, drive_id: str, *, at: datetime, desk: DriveDesk
) -> tuple[str | None, tuple[str, ...]]:
    """Return the household of a card or a sign-up, as far as it is known, and what is to be said.

    A card that a device saw before it was made is recognised: only the device's clock is wrong.
    """
    if identity.card is not None:
        seen = desk.cards.holder_of(identity.card, at=at)
        if seen is None:
            return None, ()
        return seen.household_id, ("visit.clock_behind",) if seen.clock_behind else ()
    if identity.sign_up_id is None:
        return None, ()
    try:
        sign_up = desk.sign_ups.get(identity.sign_up_id).state
    except NotFound:
        return None, ()
    if sign_up.drive_id != drive_id or sign_up.state is SignUpState.LAPSED:
        return None, ()
    return sign_up.household_id, ()


def _facts(ticket: int, book: TicketBook, *, desk: DriveDesk) -> TicketFacts:
    lease = book.lease_with(ticket)
    state = book.state(ticket, used=frozenset(), now=desk.clock.now())
    return TicketFacts(ticket, TicketState(state), lease.device_id if lease else None)


def _draw_for(cmd: TellVisit, drive: Drive, weighing: Weighing, *, desk: DriveDesk) -> int:
    """Give out a number, also at a drive that is over: somebody stood at the scale.

    Where a device had used that number before it was given to anybody, the next one. It only spans
    this request and its repeats, so that a lost one holds up no closing for long. Where the book
    has none left, one beyond it: a fact from the scale is not lost for want of numbers.
    """
    now = desk.clock.now()
    until = now + timedelta(minutes=drive.terms.rules.drawn_ticket_min)
    for number in range(DRAWS_MAX):
        draw_id = derived_id(cmd.draw_id, str(number)) if number else cmd.draw_id
        asked = TicketLease(draw_id, cmd.device_id, 1, leased_at=now, expires_at=until)
        ticket = _drawn(cmd.drive_id, asked, desk=desk)
        if not _is_anothers(cmd, ticket, weighing, desk=desk):
            return ticket
    raise Unavailable("tickets.contended", "too many numbers are used that nobody was given")


def _drawn(drive_id: str, asked: TicketLease, *, desk: DriveDesk) -> int:
    try:
        return desk.tickets.lease(drive_id, asked).first
    except Conflict as full:
        if full.code != NO_TICKETS:
            raise
    beyond = number_beyond(asked.lease_id)
    known = _visit(drive_id, beyond, desk=desk)
    if known is None and desk.search.has_visits(drive_id, VISITS_MAX):
        raise Conflict(NO_TICKETS, f"a drive has up to {VISITS_MAX} visits")
    return beyond


def _is_anothers(cmd: TellVisit, ticket: int, weighing: Weighing, *, desk: DriveDesk) -> bool:
    held = _visit(cmd.drive_id, ticket, desk=desk)
    if held is None:
        return False
    return held.is_rival(_submission(cmd, weighing, ticket=ticket, book=NO_BOOK, desk=desk))


def _visit(drive_id: str, ticket: int, *, desk: DriveDesk) -> Visit | None:
    try:
        return desk.visits.get(visit_id_of(drive_id, ticket)).state
    except NotFound:
        return None

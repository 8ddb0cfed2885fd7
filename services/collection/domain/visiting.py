"""How a visit is recorded: whatever the collector tells is kept, what breaks a rule is flagged."""

from dataclasses import dataclass, replace
from datetime import datetime

from services.collection.domain import drive_events as events
from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import RUNNING, DriveState
from services.collection.domain.records import Review, with_review
from services.collection.domain.tickets import TICKETS_MAX, TicketState
from services.collection.domain.visit import ORGANISATION, WEIGHED, Submission, Visit
from services.collection.domain.weighing import Weighing, check_possible, rule_flags
from shared.kernel.aggregate import Decision

# A person looks at what was told of a drive that, as far as is known, did not take place, and at
# numbers that nobody should have used.
REVIEWED = frozenset(
    {
        *(f"visit.drive_{state}" for state in ("planned", "announced", "cancelled", "missed")),
        "visit.ticket_unknown",
        "visit.ticket_void",
    }
)


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What the book says of a ticket at the time of recording. `device_id`: who was given it."""

    number: int
    state: TicketState
    device_id: str | None = None


def visit_id_of(drive_id: str, ticket: int) -> str:
    """Return the id of the visit that has a drive's ticket."""
    return f"{drive_id}:{ticket}"


def record(
    drive: Drive, ticket: TicketFacts, told: Submission, *, now: datetime
) -> Decision[Visit]:
    """Return the visit of a ticket. `Invalid` (mass.impossible, weighing.…) for the impossible."""
    weighing = told.weighing
    check_possible(weighing.gross_g, weighing.tare_g, lots=weighing.lots)
    flags = (
        *weighing.flags,
        *rule_flags(weighing, window_end=drive.window_end, now=now),
        *_drive_flags(drive, weighing),
        *_ticket_flags(ticket, told.device_id),
    )
    producer = told.visitor.producer
    if told.visitor.is_anonymous and _pieces(weighing) > drive.terms.rules.anonymous_pieces_max:
        producer = ORGANISATION
        flags = (*flags, "visit.counted_as_organisation")
    visit = Visit(
        visit_id=visit_id_of(drive.drive_id, ticket.number),
        drive_id=drive.drive_id,
        ticket=ticket.number,
        site=drive.site,
        window_end=drive.window_end,
        first=told,
        weighing=replace(weighing, flags=flags),
        producer=producer,
        reviews=_reviews(flags, now=now),
    )
    visit = visit.telling(WEIGHED, visit.weighing.revision)
    return Decision(visit, (events.VisitWeighed(visit),))


def _drive_flags(drive: Drive, weighing: Weighing) -> tuple[str, ...]:
    flags = []
    if drive.state not in RUNNING:
        flags.append(f"visit.drive_{DriveState(drive.state)}")
    if not drive.is_crew(weighing.collector_id):
        flags.append("visit.other_collector")
    if any(lot.material not in drive.terms.materials for lot in weighing.lots):
        flags.append("visit.off_target")
    return tuple(flags)


def _ticket_flags(ticket: TicketFacts, device_id: str) -> tuple[str, ...]:
    if ticket.number > TICKETS_MAX:
        return ("visit.beyond_tickets",)
    flags = []
    if ticket.state in (TicketState.UNKNOWN, TicketState.VOID, TicketState.EXPIRED):
        flags.append(f"visit.ticket_{ticket.state}")
    if ticket.device_id not in (None, device_id):
        flags.append("visit.ticket_of_other_device")
    return tuple(flags)


def _pieces(weighing: Weighing) -> int:
    return sum(lot.pieces or 0 for lot in weighing.lots)


def _reviews(flags: tuple[str, ...], *, now: datetime) -> tuple[Review, ...]:
    reviews: tuple[Review, ...] = ()
    for flag in flags:
        if flag in REVIEWED:
            reviews = with_review(reviews, flag, at=now)
    return reviews

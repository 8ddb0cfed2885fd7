"""What follows from a movement of crates that a party decided: its entry in the ledger."""

from services.tracking.domain.crates import Act, CrateMove, CrateMovement, Line, entry_of
from shared.contracts import crate as contract
from shared.kernel.aggregate import Decision
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import AnyEvent, Effect, Reaction

GROUP = "tracking-crates"


def crate_reaction(movements: Reacting[CrateMovement]) -> Reaction:
    """Return the reaction to tracking's own topic of crates."""
    posts = Effect(movements, _movement_ids, _post)
    return Reaction(GROUP, {payload: [posts] for payload in contract.TOPIC.payloads})


def movement_of(data: contract.CratesMoved) -> CrateMovement:
    """Return the movement that an event tells, with its balanced entry."""
    move = CrateMove(
        movement_id=data.movement_id,
        act=Act(data.TYPE.split(".")[2]),
        party_id=data.party_id,
        lines=tuple(_line(each) for each in data.lines),
        reason=data.reason,
        happened_at=data.moved_at,
        recorded_at=data.moved_at,
    )
    return CrateMovement(
        movement_id=move.movement_id,
        party_id=move.party_id,
        step=data.step,
        act=move.act.value,
        lines=move.lines,
        reason=move.reason,
        flags=data.flags,
        happened_at=move.happened_at,
        entries=(entry_of(move),),
    )


def _post(
    _id: str, held: CrateMovement | None, event: Event[contract.CratesMoved]
) -> Decision[CrateMovement] | None:
    return Decision(movement_of(event.data)) if held is None else None


def _movement_ids(event: AnyEvent) -> list[str]:
    return [event.data.movement_id]


def _line(line: contract.CrateLine) -> Line:
    return Line(line.crate_type, line.grade, line.pieces, line.to_grade or line.grade)

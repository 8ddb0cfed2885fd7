"""What is told of crates: each movement, keyed by the party."""

from services.tracking.adapters.announcing import announce, enveloped
from services.tracking.domain.crates import Act, CratesMoved, Line
from shared.contracts import crate as contract
from shared.contracts.codec import Envelope

CONTRACTS: dict[Act, type[contract.CratesMoved]] = {
    Act.ISSUE: contract.CratesIssued,
    Act.RETURN: contract.CratesReturned,
    Act.LOSE: contract.CratesLost,
    Act.FIND: contract.CratesFound,
    Act.REGRADE: contract.CratesRegraded,
}


@announce.register
def _(event: CratesMoved) -> Envelope:
    move = event.move
    payload = CONTRACTS[move.act](
        party_id=move.party_id,
        movement_id=move.movement_id,
        step=event.step,
        lines=tuple(_line(each) for each in move.lines),
        reason=move.reason,
        flags=event.flags,
        moved_at=move.happened_at,
    )
    return enveloped(payload, move.party_id, at=move.happened_at)


def _line(line: Line) -> contract.CrateLine:
    return contract.CrateLine.model_validate(
        {
            "crate_type": line.crate_type,
            "grade": line.grade,
            "pieces": line.pieces,
            "to_grade": line.to_grade if line.to_grade != line.grade else None,
        }
    )

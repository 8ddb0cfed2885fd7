"""What tracking does about the totals of drives: it keeps them, to compare. It posts none."""

from functools import singledispatch

from services.tracking.domain.amounts import Amount, plus
from services.tracking.domain.drive_told import DriveTold, newer
from shared.contracts.drive import DriveAborted, DriveClosed, DriveTotalsRevised
from shared.kernel.aggregate import Decision
from shared.kernel.events import Event
from shared.messaging.ports import Reacting
from shared.messaging.reactions import AnyEvent, Effect, Reaction

GROUP = "tracking-drives"
Told = DriveClosed | DriveAborted | DriveTotalsRevised


def drive_reaction(drives: Reacting[DriveTold]) -> Reaction:
    """Return the reaction to drives that are over, and to what changes their totals."""
    keeps = Effect(drives, _drive, _keep)
    return Reaction(
        GROUP, {DriveClosed: [keeps], DriveAborted: [keeps], DriveTotalsRevised: [keeps]}
    )


@singledispatch
def told_of(data: object) -> DriveTold:
    """Return the totals that an event tells."""
    raise TypeError(f"{type(data).__name__} tells no totals")


@told_of.register(DriveClosed)
@told_of.register(DriveAborted)
@told_of.register(DriveTotalsRevised)
def _told_of(data: Told) -> DriveTold:
    if isinstance(data, DriveClosed):
        at = data.closed_at
    else:
        at = data.aborted_at if isinstance(data, DriveAborted) else data.revised_at
    lines = (Amount(each.material, each.mass_g) for each in data.totals.lines)
    return DriveTold(data.drive_id, data.community_code, data.revision, plus(lines), at)


def _keep(_id: str, held: DriveTold | None, event: Event[Told]) -> Decision[DriveTold] | None:
    kept = newer(held, told_of(event.data))
    return Decision(kept) if kept is not None else None


def _drive(event: AnyEvent) -> list[str]:
    return [event.data.drive_id]

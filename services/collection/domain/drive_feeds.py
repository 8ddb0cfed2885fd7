"""What a calendar shows of a drive. Its window never changes, so a state tells its sequence."""

from datetime import datetime

from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import DriveAct, DriveState
from services.collection.domain.feeds import Entry

# A missed drive may turn out to have been opened: told late, that is the later word.
ANNOUNCED, OFF, OPENED = 0, 1, 2
NOT_HELD = (DriveState.CANCELLED, DriveState.MISSED)


def drive_entry(drive: Drive) -> Entry:
    """Return a drive's window, never its place; `is_cancelled` where it is not held."""
    is_off = drive.state in NOT_HELD
    sequence = OFF if is_off else ANNOUNCED if drive.opened_at is None else OPENED
    return Entry(
        uid=f"{drive.drive_id}@greenloop",
        sequence=sequence,
        starts_at=drive.window_start,
        ends_at=drive.window_end,
        changed_at=_changed_at(drive, sequence),
        summary="drive",
        is_cancelled=is_off,
    )


def is_shown(drive: Drive) -> bool:
    """Say whether anybody was told of it: a plan that was never announced is no appointment."""
    if drive.state is DriveState.PLANNED:
        return False
    return drive.state not in NOT_HELD or _last(drive, DriveAct.ANNOUNCE) is not None


def _changed_at(drive: Drive, sequence: int) -> datetime:
    acts = {
        ANNOUNCED: (DriveAct.ANNOUNCE,),
        OFF: (DriveAct.CANCEL, DriveAct.MISS),
        OPENED: (DriveAct.OPEN,),
    }
    return _last(drive, *acts[sequence]) or drive.planned_at


def _last(drive: Drive, *acts: DriveAct) -> datetime | None:
    return next((step.at for step in reversed(drive.history) if step.act in acts), None)

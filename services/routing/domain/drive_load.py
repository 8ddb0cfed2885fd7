"""What a drive collected on its way: which visits' lots were put down, and where.

A drive has no tour: whoever holds it drives its vehicle to a facility and unloads there.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict, Invalid

UNLOADINGS_MAX = 200


@dataclass(frozen=True, slots=True)
class DriveUnloading:
    """Lots of these visits were put down at a facility."""

    unloading_id: str
    drive_id: str
    vehicle_id: str
    facility_id: str
    visit_ids: tuple[str, ...]
    weighbridge_g: int | None
    unloaded_at: datetime


@dataclass(frozen=True, slots=True)
class DriveLoad:
    """All unloadings of one drive: each visit is put down once."""

    drive_id: str
    unloadings: tuple[DriveUnloading, ...] = ()

    def unload(self, unloading: DriveUnloading) -> Decision["DriveLoad"]:
        """Put visits down.

        Raises `Invalid` (routing.not_of_this_drive) for another drive's visit, and `Conflict`
        (routing.already_unloaded) where one of them was put down before.
        """
        if not all(each.startswith(f"{self.drive_id}:") for each in unloading.visit_ids):
            raise Invalid("routing.not_of_this_drive", "a visit is another drive's")
        done = {visit_id for each in self.unloadings for visit_id in each.visit_ids}
        if done & set(unloading.visit_ids):
            raise Conflict("routing.already_unloaded", "a visit was put down before")
        if len(self.unloadings) >= UNLOADINGS_MAX:
            raise Conflict("routing.too_often", f"a drive is unloaded {UNLOADINGS_MAX} times")
        unloaded = replace(self, unloadings=(*self.unloadings, unloading))
        return Decision(unloaded, (unloading,))

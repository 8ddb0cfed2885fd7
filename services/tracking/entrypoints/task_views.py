"""What the API of quarantine gives."""

from datetime import datetime

from pydantic import Field

from services.tracking.domain.quarantine import Resolution, Task
from shared.http.body import View
from shared.kernel.aggregate import Stored


class ResolutionView(View):
    """What a person decided."""

    number: int
    resolution: str
    target: str | None
    reason: str
    role: str
    subject: str
    resolved_at: datetime


class RefusalView(View):
    """A resolution that could not be carried out, and why."""

    resolution: ResolutionView
    reason: str
    at: datetime


class TaskView(View):
    """A lot in quarantine, as a task. `mass_g` is what still lies there."""

    task_id: str
    state: str
    pickup_id: str
    community_code: str
    lot_id: str
    material: str
    mass_g: int
    container_tag: str | None
    reason: str
    opened_at: datetime
    resolution: ResolutionView | None = None
    refusals: list[RefusalView] = Field(default_factory=list)


def task_view(stored: Stored[Task]) -> TaskView:
    """Return the view of a task."""
    held = stored.state
    return TaskView(
        task_id=held.task_id,
        state=held.state.value,
        pickup_id=held.pickup_id,
        community_code=held.community_code,
        lot_id=held.lot_id,
        material=held.material,
        mass_g=held.mass_g,
        container_tag=held.container_tag,
        reason=held.reason,
        opened_at=held.opened_at,
        resolution=_resolution_view(held.resolution) if held.resolution else None,
        refusals=[
            RefusalView(
                resolution=_resolution_view(each.resolution), reason=each.reason, at=each.at
            )
            for each in held.refusals
        ],
    )


def _resolution_view(made: Resolution) -> ResolutionView:
    return ResolutionView(
        number=made.number,
        resolution=made.way.value,
        target=made.target,
        reason=made.reason,
        role=made.by.role,
        subject=made.by.subject,
        resolved_at=made.at,
    )

"""A yard in which persons act: collectors weigh, staff seal, somebody resolves what is apart."""

from datetime import timedelta

from services.tracking.adapters.segregation import TableClasses
from services.tracking.application.container_desk import make_ready
from services.tracking.application.quarantine_desk import (
    QuarantineDesk,
    ResolveTask,
    resolve_task,
)
from services.tracking.domain import container_custody as custody
from services.tracking.domain import container_sealing as sealing
from services.tracking.domain.container import Reservation
from shared.kernel.clock import ManualClock
from tests.unit.tracking.builders import (
    BY,
    LATER,
    LEAD,
    PICKUP,
    WEIGHED_AT,
    history,
    lot,
    request,
)
from tests.unit.tracking.yard import Yard, desk_of


def battery(mass_g=9_000, *, tag="GL-1", material=LEAD, **rest):
    return lot("lot-1", mass_g, material=material, tag=tag).model_copy(update=rest)


def stray(mass_g=9_000):
    """A battery with a tag that nobody knows."""
    return battery(mass_g, tag="GL-LOST")


class Ward(Yard):
    """A yard, a clock, and one word for each thing that persons do."""

    def __init__(self, *containers):
        super().__init__(*containers)
        self.clock = ManualClock(LATER)
        self._scopes = iter(range(1_000))

    def weigh(self, *lots, pickup_id=PICKUP, at=WEIGHED_AT):
        (event,) = history(lots, pickup_id=pickup_id)
        self.tell(event.model_copy(update={"weighed_at": at}))

    def correct(self, *revisions, pickup_id=PICKUP):
        self.tell(history(*revisions, pickup_id=pickup_id)[-1])

    def seal(self, gross_g, *, at=LATER):
        weighing = sealing.Weighing(gross_g, "scale-1")
        sealed = self.act("GL-1", sealing.seal, weighing=weighing, at=at)
        self.follow()
        return sealed

    def through_its_life(self, *, at=LATER):
        """From a seal to empty again: a new fill begins an hour after `at`."""
        self.seal(13_000, at=at)
        self.act("GL-1", custody.reserve, reservation=Reservation("c-1", "c-1:1"), at=at)
        self.act("GL-1", custody.depart, holder="vehicle/carrier-1", at=at)
        self.act("GL-1", custody.receive, holder="party/smelter-1", at=at)
        self.act("GL-1", custody.empty, holder=None, at=at)
        self.act("GL-1", custody.clean, at=at)
        desk = desk_of(self, ManualClock(at + timedelta(hours=1)))
        make_ready("GL-1", by=BY, desk=desk, request=request(f"ready-{at}"))
        self.follow()

    def resolve(self, way, target=None, *, task=None, scope=None, follow=True):
        cmd = ResolveTask(task or self.task.task_id, way, target, "seen", BY)
        desk = QuarantineDesk(self.tasks, self.containers, TableClasses(), self.clock)
        scope = scope or f"scope-{next(self._scopes)}"
        resolved = resolve_task(cmd, desk=desk, request=request(scope))
        if follow:
            self.follow()
        return resolved

    @property
    def task(self):
        (task,) = self.all_tasks()
        return task

"""Folding and publishing as `faust.Service`s beside the intake, in threads of their own."""

import asyncio
from collections.abc import Callable, Iterable
from typing import Protocol

import faust

from services.volumes.application.folding import fold_partition
from services.volumes.application.ports import Deltas, Rows
from services.volumes.domain.delta import Delta
from services.volumes.entrypoints.intake_service import Intake

FOLD_EVERY_S = 1.0
PUBLISH_EVERY_S = 1.0


class FoldHooks(Protocol):
    """What folding tells the outside."""

    def reached(self, label: str) -> None:
        """Pass a labelled point, where a test may end the process."""

    def folded(self, deltas: Iterable[Delta]) -> None:
        """Measure how old the events are that just came into the rows."""

    def fatal(self, where: str, error: BaseException) -> None:
        """End the process at once: its supervisor starts it again."""


class Folder(faust.Service):  # type: ignore[misc]  # faust is untyped
    """Folds the owned partitions' deltas into rows, every second."""

    def __init__(self, intake: Intake, *, deltas: Deltas, rows: Rows, hooks: FoldHooks) -> None:
        """Fold what `intake` owns; another owner's fold of the same partition is harmless."""
        self._intake = intake
        self._deltas = deltas
        self._rows = rows
        self._hooks = hooks
        super().__init__()

    @faust.Service.task  # type: ignore[untyped-decorator]  # faust is untyped
    async def _fold_for_ever(self) -> None:
        try:
            while not self.should_stop:
                for partition in self._intake.partitions:
                    await self._fold(partition)
                await self.sleep(FOLD_EVERY_S)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - any error ends the process (exactness.md)
            self._hooks.fatal("volumes.fold", error)

    async def _fold(self, partition: int) -> None:
        folded = await asyncio.to_thread(
            fold_partition,
            partition,
            deltas=self._deltas,
            rows=self._rows,
            reached=self._hooks.reached,
        )
        self._hooks.folded(folded)
        waiting = self._intake.backlog
        if partition in waiting:
            waiting[partition] = max(0, waiting[partition] - len(folded))


class Repeated(faust.Service):  # type: ignore[misc]  # faust is untyped
    """Runs a blocking piece of work in a thread, over and over; its error ends the process."""

    def __init__(
        self, work: Callable[[], None], *, every_s: float, name: str, hooks: FoldHooks
    ) -> None:
        """`work` may be repeated from any point on."""
        self._work = work
        self._every_s = every_s
        self._name = name
        self._hooks = hooks
        super().__init__()

    @faust.Service.task  # type: ignore[untyped-decorator]  # faust is untyped
    async def _repeat(self) -> None:
        try:
            while not self.should_stop:
                await asyncio.to_thread(self._work)
                await self.sleep(self._every_s)
        except asyncio.CancelledError:
            raise
        except BaseException as error:  # noqa: BLE001 - any error ends the process
            self._hooks.fatal(self._name, error)

"""The steps of a pickup's life: numbered from 1 without gaps, and never renumbered.

They are what a stream of events resumes by, what a calendar's sequence follows, and what notices
are made from. Only the last 64 are kept; a number tells how many there were.
"""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from services.collection.domain.records import STEPS_MAX, Step
from services.collection.domain.states import Act, State


class Aside(StrEnum):
    """What happens to a pickup beside its states (states.py has the acts that move it).

    `TOLD_LATE`: what a crew tells after the visit ended otherwise; about is the act or the code.
    """

    REMARK = "remark"
    TOLD_LATE = "told_late"
    SETTLE = "settle"
    REBOOK = "rebook"


CITY = "city"
TOLD = frozenset(
    {Act.ARRIVE, Act.WEIGH, Act.FAIL, Act.UPHOLD, Act.CORRECT, Aside.REMARK, Aside.REBOOK}
)


def next_step(
    history: Sequence[Step],
    act: Act | Aside,
    *,
    at: datetime,
    by: str,
    state: State,
    about: str | None = None,
) -> Step:
    """Return the step that follows on a history and leads to `state`."""
    return Step(act, at, by, number=last_number(history) + 1, state=state, about=about)


def with_step(history: Sequence[Step], step: Step) -> tuple[Step, ...]:
    """Return a history with one more step; the oldest beyond the limit goes."""
    return (*history[-(STEPS_MAX - 1) :], step)


def last_number(history: Sequence[Step]) -> int:
    """Return the number of the last step; 0 where there is none."""
    return history[-1].number if history else 0


def asks_for_notices(step: Step) -> bool:
    """Say whether somebody may have to be told (notices.py): a cancellation by the city's only."""
    return step.act in TOLD or (step.act == Act.CANCEL and step.by == CITY)

"""What a household is told of its visit to a drive: as a pickup's household is, by the same rules.

What it is to be told is kept with the visit as marks, `<what>:<number>`, until intents are made.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from services.collection.domain.notices import WORTH_FOR, Kind, Notice, Subject, SubjectKind
from services.collection.domain.outcomes import RESIDENT
from services.collection.domain.visit import CORRECTED, DISPUTED_WITHIN, UPHELD, WEIGHED, Visit

_KIND_OF = {
    WEIGHED: Kind.VISIT_WEIGHED,
    UPHELD: Kind.VISIT_UPHELD,
    CORRECTED: Kind.VISIT_CORRECTED,
}


def visit_notices(visit: Visit, *, now: datetime) -> tuple[Notice, ...]:
    """Return the notices that a visit's marks ask for; the same ones whenever asked again."""
    subject = Subject(SubjectKind.VISIT, visit.visit_id, visit.drive_id)
    marks = (mark.partition(":") for mark in visit.untold)
    return tuple(
        Notice(_KIND_OF[what], RESIDENT, subject, number, _expires_at(visit, what, now=now))
        for what, _, number in marks
        if what in _KIND_OF
    )


def still_holds(notice: Notice, visit: Visit) -> bool:
    """Say whether a notice is still worth sending; else something came after it."""
    holds = _STILL_HOLDS.get(notice.kind)
    return holds is None or holds(visit, int(notice.key))


def _expires_at(visit: Visit, what: str, *, now: datetime) -> datetime:
    recorded_at = visit.weighing.recorded_at
    if what == WEIGHED and recorded_at is not None:
        return recorded_at + DISPUTED_WITHIN
    return now + WORTH_FOR


def _is_untouched(visit: Visit, revision: int) -> bool:
    return visit.weighing.revision == revision and not visit.disputes


def _is_upheld(visit: Visit, disputes: int) -> bool:
    """Nobody corrected it or objected again since."""
    last = visit.disputes[-1] if len(visit.disputes) == disputes else None
    return last is not None and last.revision == visit.weighing.revision


def _is_present(visit: Visit, revision: int) -> bool:
    return visit.weighing.revision == revision


_STILL_HOLDS: Mapping[str, Callable[[Visit, int], bool]] = {
    Kind.VISIT_WEIGHED: _is_untouched,
    Kind.VISIT_UPHELD: _is_upheld,
    Kind.VISIT_CORRECTED: _is_present,
}

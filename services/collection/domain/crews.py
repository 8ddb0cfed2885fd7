"""What crews tell, whoever they are and whenever it reaches us: taken, and looked into where odd.

Others than the planned crew are believed: a weigh-in by them is flagged (judging.py), as its lots
are where they say; an outcome or an approach leaves nothing but what was told, so that a person
looks at it. What a phone tells after the visit ended otherwise moves nothing and is kept as a step.
"""

from dataclasses import replace
from datetime import datetime

from services.collection.domain import events
from services.collection.domain.life import Aside
from services.collection.domain.outcomes import outcome_named
from services.collection.domain.pickup import COLLECTOR, Pickup
from services.collection.domain.records import REMARKS_MAX, Remark
from services.collection.domain.states import Act, State, after
from shared.kernel.aggregate import Decision
from shared.kernel.errors import Conflict

OTHER_CREW_CAME = "approach.other_collector"
OTHER_CREW_LOGGED = "outcome.other_collector"
PLANNED_NO_MORE = "outcome.not_assigned"


def is_of_others(pickup: Pickup, collector_id: str) -> bool:
    """Say whether a plan has another collector for the pickup."""
    return pickup.tour is not None and pickup.tour.collector_id != collector_id


def approach(
    pickup: Pickup, act: Act, *, collector_id: str, at: datetime, now: datetime
) -> Decision[Pickup]:
    """Note that a crew set out, or is at the door.

    A review opens where another crew was planned, and where it came for nothing, or came though it
    was reported missed.
    """
    seen = pickup
    if is_of_others(pickup, collector_id):
        seen = pickup.to_review(OTHER_CREW_CAME, at=now)
    if after(pickup.state, act) is not None or pickup.state is State.LAPSED:
        return seen.approach(act, collector_id=collector_id, at=at)
    if _is_known(pickup, act, at=at):
        return Decision(pickup)
    late = seen.noted(Aside.TOLD_LATE, at=at, by=COLLECTOR, about=act)
    if act is Act.ARRIVE and pickup.state in (State.CANCELLED, State.MISSED):
        late = late.to_review(f"approach.after_{pickup.state}", at=now)
    return Decision(late)


def log(
    pickup: Pickup, code: str, *, collector_id: str, at: datetime, now: datetime
) -> Decision[Pickup]:
    """Log the trade's code; `Invalid` (collection.outcome) for an unknown one.

    A review opens where another crew was planned; where a code ends the visit and nobody is sent
    any more (it was moved, or left out of the plan, while the phone was offline; where nobody
    plans, nobody is another crew); and where the visit had ended otherwise before.
    """
    ends_visit = outcome_named(code).ends_visit
    seen = pickup
    if is_of_others(pickup, collector_id):
        seen = pickup.to_review(OTHER_CREW_LOGGED, at=now)
    elif ends_visit and pickup.tour is None and pickup.planned_by is not None:
        seen = pickup.to_review(PLANNED_NO_MORE, at=now)
    if not ends_visit or after(pickup.state, Act.FAIL) or pickup.state is State.LAPSED:
        return seen.log(code, collector_id=collector_id, happened_at=at)
    if _is_known(pickup, code, at=at):
        return Decision(pickup)
    return _log_late(seen, Remark(code, collector_id, at), now=now)


def _log_late(pickup: Pickup, remark: Remark, *, now: datetime) -> Decision[Pickup]:
    if len(pickup.remarks) >= REMARKS_MAX:
        raise Conflict("collection.too_often", f"a visit has {REMARKS_MAX} remarks")
    late = pickup.noted(Aside.TOLD_LATE, at=remark.at, by=COLLECTOR, about=remark.outcome)
    kept = replace(late, remarks=(*pickup.remarks, remark))
    kept = kept.to_review(f"outcome.after_{pickup.state}", at=now)
    told = events.PickupRemarked(kept, remark.outcome, remark.collector_id, remark.at)
    return Decision(kept, (told,))


def _is_known(pickup: Pickup, what: str, *, at: datetime) -> bool:
    """Say whether the same was told before, under another key."""
    return any(step.at == at and what in (step.act, step.about) for step in pickup.history)

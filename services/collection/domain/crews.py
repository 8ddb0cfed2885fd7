"""Which crew tells what happened: others than the planned one are believed, and looked into.

A weigh-in by others is flagged (judging.py): its lots are where they say. An outcome or an approach
by others leaves nothing but what was told, so that a person looks at it.
"""

from datetime import datetime

from services.collection.domain.outcomes import OUTCOMES
from services.collection.domain.pickup import Pickup

OTHER_CREW_CAME = "approach.other_collector"
OTHER_CREW_LOGGED = "outcome.other_collector"
PLANNED_NO_MORE = "outcome.not_assigned"


def is_of_others(pickup: Pickup, collector_id: str) -> bool:
    """Say whether a plan has another collector for the pickup."""
    return pickup.tour is not None and pickup.tour.collector_id != collector_id


def approached_by(pickup: Pickup, collector_id: str, *, now: datetime) -> Pickup:
    """Return the pickup with a review where others than the planned crew come near."""
    if is_of_others(pickup, collector_id):
        return pickup.to_review(OTHER_CREW_CAME, at=now)
    return pickup


def logged_by(pickup: Pickup, code: str, collector_id: str, *, now: datetime) -> Pickup:
    """Return the pickup with a review where others than the planned crew log a code.

    Also where a code ends the visit and nobody is sent any more: it was moved, or left out of the
    plan, while the crew's phone was offline. Where nobody plans, nobody is another crew.
    """
    if is_of_others(pickup, collector_id):
        return pickup.to_review(OTHER_CREW_LOGGED, at=now)
    is_planned_no_more = pickup.tour is None and pickup.planned_by is not None
    if is_planned_no_more and OUTCOMES[code].ends_visit:
        return pickup.to_review(PLANNED_NO_MORE, at=now)
    return pickup

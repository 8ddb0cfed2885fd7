"""Which crew tells what happened: others than the planned one are believed, and looked into.

A weigh-in by others is flagged (judging.py): its lots are where they say. An outcome or an approach
by others leaves nothing but what was told, so that a person looks at it.
"""

from datetime import datetime

from services.collection.domain.outcomes import OUTCOMES
from services.collection.domain.pickup import Pickup

OTHER_CREW_CAME = "approach.other_collector"
OTHER_CREW_LOGGED = "outcome.other_collector"
NOBODY_WAS_SENT = "outcome.not_assigned"


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

    Also where nobody was sent and the code ends the visit: it may have been moved to another day.
    """
    if is_of_others(pickup, collector_id):
        return pickup.to_review(OTHER_CREW_LOGGED, at=now)
    if pickup.tour is None and OUTCOMES[code].ends_visit:
        return pickup.to_review(NOBODY_WAS_SENT, at=now)
    return pickup

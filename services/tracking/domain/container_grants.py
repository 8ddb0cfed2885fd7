"""What permits still allow: each lot counts against the grams of the permit that it came with.

The sums come from the deposits themselves, so that a lot counts once however often it is told, by
its latest grams, and no more where a correction took it out. A permit ends with its fill.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from services.tracking.domain.container import Container, OfferedLot

# As `shared.permits.model` names what a lot by itself may be found to be.
OTHER_CONTAINER = "permit.other_container"
OVER_LIMIT = "permit.over_limit"
FILL_OVER = "permit.fill_over"


@dataclass(frozen=True, slots=True)
class Grant:
    """What was let out under a permit; it never changes."""

    tag: str
    grams: int
    issued_at: datetime


Grants = Mapping[str, Grant]


def used_g(container: Container, *, but: str) -> Counter[str | None]:
    """Return the grams in the container by permit, of all sources `but` one."""
    used: Counter[str | None] = Counter()
    for deposit in container.deposits:
        if deposit.source_id != but:
            for lot in deposit.inside:
                used[lot.permit_id] += lot.mass_g
    return used


def beyond(
    container: Container, lot: OfferedLot, grants: Grants, used: Counter[str | None]
) -> str | None:
    """Return why a lot is not within its permit beside those that `used` it, or None.

    A lot that a person accepted is not asked, nor is one without a permit that is known.
    """
    grant = grants.get(lot.permit_id or "")
    if grant is None or lot.forced:
        return None
    if grant.tag != container.tag:
        return OTHER_CONTAINER
    if container.fill_began_at is not None and grant.issued_at < container.fill_began_at:
        return FILL_OVER
    if used[lot.permit_id] + lot.mass_g > grant.grams:
        return OVER_LIMIT
    return None

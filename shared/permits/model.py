"""A permit, and whether a weighed lot is within it. Pure.

Its times are business time: a lot is judged by when it was weighed, not by when the phone came
online again. A permit that does not fit is a fault to be noted with the lot, never a reason to
refuse what the scale said.
"""

from dataclasses import dataclass
from datetime import datetime

UNREADABLE = "permit.unreadable"
UNVERIFIED = "permit.unverified"
OTHER_CONTAINER = "permit.other_container"
EXPIRED = "permit.expired"
OTHER_MATERIAL = "permit.other_material"
OVER_LIMIT = "permit.over_limit"
OTHER_COLLECTOR = "permit.other_collector"
FAULTS = (
    UNREADABLE,
    UNVERIFIED,
    OTHER_CONTAINER,
    EXPIRED,
    OTHER_MATERIAL,
    OVER_LIMIT,
    OTHER_COLLECTOR,
)


@dataclass(frozen=True, slots=True)
class Permit:
    """What a scan gave. `grams_left` is what the container had room for then: nothing is reserved.

    `classes` are the segregation groups of `materials`. `subject` is the collector who scanned.
    """

    permit_id: str
    container_tag: str
    materials: tuple[str, ...]
    classes: tuple[str, ...]
    grams_left: int
    subject: str
    device_id: str | None
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Use:
    """A weighed lot that came with a permit; `at` is when it was weighed."""

    container_tag: str | None
    material: str
    mass_g: int
    collector_id: str
    at: datetime


# Tracking's own tags are kept in capital letters, however they were typed.
OWN_TAG = "GLC-"


def fault_of(permit: Permit, use: Use) -> str | None:
    """Return why a lot is not within a permit, or None where it is."""
    if not _names(use.container_tag or "", permit.container_tag):
        return OTHER_CONTAINER
    if use.at >= permit.expires_at:
        return EXPIRED
    if use.material not in permit.materials:
        return OTHER_MATERIAL
    if use.mass_g > permit.grams_left:
        return OVER_LIMIT
    if use.collector_id != permit.subject:
        return OTHER_COLLECTOR
    return None


def _names(named: str, tag: str) -> bool:
    return named == tag or (tag.startswith(OWN_TAG) and named.upper() == tag)

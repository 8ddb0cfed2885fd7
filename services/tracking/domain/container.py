"""A tagged container, registered before anything hazardous goes into it."""

from dataclasses import dataclass
from datetime import datetime

LIMIT_G_MAX = 30_000_000


@dataclass(frozen=True, slots=True)
class Container:
    """A container for one material, under the codes of the day it was registered."""

    tag: str
    container_type: str
    material: str
    waste_code: str | None
    un_number: str | None
    tare_g: int
    limit_g: int
    registered_at: datetime


@dataclass(frozen=True, slots=True)
class Registered:
    """A container was registered."""

    container: Container


def misfit(container: Container | None, material: str) -> str | None:
    """Return the code of why a lot may not go into a container, or None where it may."""
    if container is None:
        return "tracking.unknown_tag"
    if container.material != material:
        return "tracking.wrong_material"
    return None

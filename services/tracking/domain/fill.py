"""A fill that is over: from empty to empty again, kept when its container forgets it."""

from dataclasses import dataclass
from datetime import datetime

from services.tracking.domain.amounts import Amounts
from services.tracking.domain.container import Container, Deed, Deposit


@dataclass(frozen=True, slots=True)
class Fill:
    """What the container knew of the fill. It never changes, so that any reader may keep it."""

    tag: str
    fill: int
    began_at: datetime
    deposits: tuple[Deposit, ...]
    booked: Amounts
    deeds: tuple[Deed, ...]

    def deposit_of(self, source_id: str) -> Deposit | None:
        """Return what came from a source."""
        return next((each for each in self.deposits if each.source_id == source_id), None)


def fill_id(tag: str, fill: int) -> str:
    """Return the id of a container's n-th fill."""
    return f"{tag}#{fill}"


def fill_of(container: Container) -> Fill:
    """Return the container's present fill."""
    return Fill(
        tag=container.tag,
        fill=container.fill,
        began_at=container.fill_began_at or container.registered_at,
        deposits=container.deposits,
        booked=container.booked,
        deeds=container.deeds,
    )

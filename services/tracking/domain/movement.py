"""What follows from a container's decision: one balanced entry of the mass ledger.

The container's document holds the decision; the movement is written by a reaction to its report,
under an id derived from the container and its step, so that a repeat is the same movement.
"""

from dataclasses import dataclass
from datetime import datetime

from services.tracking.domain.amounts import Amounts
from shared.kernel.ids import derived_id
from shared.kernel.ledger import Entry, Posting, Unit, transfer


@dataclass(frozen=True, slots=True)
class Movement:
    """Grams that moved with or out of a container: one entry. `kind` is what happened to it.

    `consignment_id` is the consignment on whose way it happened, if it did on one.
    """

    movement_id: str
    tag: str
    step: int
    kind: str
    entries: tuple[Entry, ...]
    consignment_id: str | None = None


def movement_id(tag: str, step: int) -> str:
    """Return the id of the movement of a container's step."""
    return derived_id("container-movement", tag, str(step))


def movement(
    tag: str, step: int, kind: str, *, source: str, target: str, content: Amounts, at: datetime
) -> Movement | None:
    """Return the movement of `content` between two accounts; None where nothing moves."""
    postings: list[Posting] = []
    for amount in content:
        unit = Unit("g", amount.material)
        postings += transfer(source, target, amount=amount.mass_g, unit=unit)
    if not postings or source == target:
        return None
    named = movement_id(tag, step)
    entry = Entry(named, tuple(postings), kind, at=at)
    return Movement(named, tag, step, kind, (entry,))


def in_container(holder: str, tag: str) -> str:
    """Return the account of what lies in a container that a holder has."""
    return f"{holder}/container/{tag}"

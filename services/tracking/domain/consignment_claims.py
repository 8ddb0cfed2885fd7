"""What a consignment takes elsewhere: a number, containers, a place on a trip, licensed grams.

Two documents must agree on each (exactness.md, 5). A claim is held before the consignment decides,
under a hold id that names the consignment and the version that may use it; once the consignment
has moved on without it, the hold is dead for ever. Freed is only what the consignment decided
against. What follows from a decision is listed in it as errands: a crash leaves the list.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.tracking.domain.amounts import Amounts


class Kind(StrEnum):
    """What is claimed."""

    CONTAINER = "container"
    NUMBER = "number"
    TRIP = "trip"
    GRAMS = "grams"


class Counts(StrEnum):
    """Which grams a claim counts in the end: those accepted at the end, or those carried off."""

    ACCEPTED = "accepted"
    CARRIED = "carried"


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing held for one decision. `key` names it: a tag, a number, a trip, an allowance.

    Of grams, `mass_g` of at most `limit_g` are reserved, for a party and some waste codes, and
    `counts` says which grams stay in the end. Of a container, `mass_g` is what the manifest
    declares: it is had with just that in it, or not at all; `content` is the same by material, and
    `condition` is the one that it declares of that.
    """

    kind: Kind
    key: str
    hold_id: str
    mass_g: int = 0
    limit_g: int = 0
    codes: tuple[str, ...] = ()
    counts: Counts = Counts.ACCEPTED
    content: Amounts = ()
    condition: str | None = None

    @property
    def consignment_id(self) -> str:
        """Whose decision it is held for."""
        return self.hold_id.rpartition(":")[0]

    @property
    def version(self) -> int:
        """The version of the consignment whose next change may use it."""
        return int(self.hold_id.rpartition(":")[2])


class Deed(StrEnum):
    """What an errand does."""

    FREE = "free"
    SETTLE = "settle"
    TAKE_OVER = "take-over"
    DEPART = "depart"
    RECEIVE = "receive"
    GIVE_UP = "give-up"
    FIND = "find"


CUSTODY = frozenset({Deed.TAKE_OVER, Deed.DEPART, Deed.RECEIVE, Deed.GIVE_UP, Deed.FIND})


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing that follows from a decision; doing it again changes nothing.

    FREE gives the claim up for a `reason`; SETTLE turns reserved grams into `mass_g` used ones;
    TAKE_OVER takes a container over from the consignment `from_id`, for the claim. The others tell
    a container what it went through at `at`: DEPART with the holder of a vehicle, RECEIVE at a
    holder's with `mass_g` on its scale, GIVE_UP as lost, FIND it again. `step` numbers those of a
    consignment, so that a late repeat is known.
    """

    deed: Deed
    claim: Claim
    reason: str = ""
    mass_g: int = 0
    from_id: str | None = None
    step: int = 0
    holder: str | None = None
    at: datetime | None = None


def hold_id_of(consignment_id: str, version: int) -> str:
    """Return the id of what is held for the decision that follows a version."""
    return f"{consignment_id}:{version}"

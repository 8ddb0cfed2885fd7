"""What the handlers need from the outside."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from services.collection.domain.community import Closure, CommunityRules
from services.collection.domain.pickup import Pickup
from services.collection.domain.pools import Place, Pool
from services.collection.domain.scales import Scale
from services.collection.domain.slots import Resizing, Slot
from shared.kernel.aggregate import Aggregates, Stored

Pickups = Aggregates[Pickup]


class Pools(Protocol):
    """Places. Each pool changes by one atomic update; calls block and raise `Unavailable`."""

    def get(self, pool_id: str) -> Pool:
        """Return the pool, or raise `NotFound` (slot.not_found)."""

    def hold(self, places: Sequence[Place], *, until: datetime) -> None:
        """Take a place in each pool; a household's pool is made with its first place.

        Taking one again keeps the first one, with its time. Raises `NotFound` (slot.not_found) or
        `Conflict` (pools.no_place): then other places of these may have been taken.
        """

    def keep(self, pool_id: str, hold_ids: Sequence[str]) -> None:
        """Keep held places for good; those that are gone stay gone."""

    def free(self, place: Place) -> None:
        """Give a place back."""

    def shut(self, pool_id: str, reason: str) -> Pool:
        """Give no more places of a household's pool, for good; return it as it is then."""

    def expired(self, now: datetime, *, limit: int) -> list[tuple[str, tuple[str, ...]]]:
        """Return `limit` pools with the ids of their holds past their time."""


class Slots(Protocol):
    """The pools that a community's bands of a day are. Calls block and raise `Unavailable`."""

    def add(self, slot: Slot) -> Slot:
        """Insert, or return the one that is there; `Conflict` (collection.slot_exists) if other."""

    def resize(self, slot_id: str, asked: Resizing) -> Slot:
        """Change the capacity, once; `Conflict` (collection.slot_in_use) below what is held."""

    def close(self, slot_id: str, reason: str | None) -> Slot:
        """Give no more places, for a reason (a code), or give them again: None."""

    def close_days(self, community_code: str, closure: Closure) -> None:
        """Close the slots of a closure that are open, however many; may be repeated."""

    def list(self, community_code: str, *, first: date, last: date) -> Sequence[Slot]:
        """Return a community's slots of some days, by slot id; 1,000 at the most."""

    def to_remind(self, now: datetime, *, limit: int) -> Sequence[tuple[Slot, datetime]]:
        """Return slots whose households are to be reminded by now, and since when."""

    def reminded(self, slot_id: str, since: datetime, *, next_at: datetime | None) -> None:
        """Note that they are, and when it is time again; nothing where that was noted already."""


class PickupSearch(Protocol):
    """Reads over pickups that no single id answers. They block and raise `Unavailable`."""

    def many(self, pickup_ids: Iterable[str]) -> Mapping[str, Stored[Pickup]]:
        """Return those that exist, by id."""

    def misses(self, household_id: str, *, since: date) -> int:
        """Count a household's missed pickups of service days from `since`, up to 100."""

    def has_open(self, tour_id: str, *, beside: str) -> bool:
        """Say whether a pickup of a tour, beside one, is open still."""

    def weighed_before(self, instant: datetime, *, limit: int) -> list[str]:
        """Return pickups that are weighed, nothing more, and were recorded before an instant."""

    def to_rebook(
        self, since: date, *, outcomes: Sequence[str], skip: int, limit: int
    ) -> list[Stored[Pickup]]:
        """Return pickups of days from `since`, missed or so failed, that are not rebooked.

        In order of their days, behind the first `skip`.
        """

    def giving_up_places(self, *, limit: int) -> list[Stored[Pickup]]:
        """Return pickups that gave up a place which may still be held."""

    def of_household(
        self, household_id: str, *, since: date, limit: int
    ) -> Sequence[Stored[Pickup]]:
        """Return a household's pickups of days from `since`, by id."""

    def untold(self, *, limit: int) -> Sequence[Stored[Pickup]]:
        """Return pickups with steps that no notices were made of."""

    def told(self, pickups: Sequence[Stored[Pickup]]) -> None:
        """Note that notices were made of those steps. Their versions stay as they are."""

    def forget_lapsed(self, *, before: datetime) -> int:
        """Delete drafts that lapsed before an instant, 1,000 at the most; return how many."""


class Scales(Aggregates[Scale], Protocol):
    """Registered scales."""

    def find(self, scale_id: str) -> Scale | None:
        """Return the scale, or None for one that nobody registered."""


class RuleBook(Aggregates[CommunityRules], Protocol):
    """Each community's rules; one that has none has the defaults."""

    def of(self, community_code: str) -> CommunityRules:
        """Return the rules, at most a few seconds old. May raise `Unavailable`."""

    def all(self) -> Iterable[CommunityRules]:
        """Return the rules of all communities that have some of their own."""


class Cells(Protocol):
    """Points to H3 cells of resolution 9."""

    def cell_of(self, latitude: float, longitude: float) -> str:
        """Return the cell of a point in WGS84 degrees."""


@dataclass(frozen=True, slots=True)
class Recognised:
    """Whose card it is: a household, never a person.

    `clock_behind`: the device told a time well before the card was made.
    """

    household_id: str
    community_code: str
    clock_behind: bool = False


class Cards(Protocol):
    """Residents' QR cards. Calls block, may be repeated and raise `Unavailable`."""

    def recognise(self, token: str, *, at: datetime) -> Recognised:
        """Return whose card it is that was shown at an instant of business time.

        A phone that was offline tells of it up to 3 days later. An instant before the card was
        made, or to come, is a wrong clock's: it was shown then, or is now. `NotFound`
        (card.not_found) for a card that was not valid then, of a member who left, or of nobody.
        """

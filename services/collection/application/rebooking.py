"""The city books again what was its own doing to miss: exact, because the new id is derived."""

from datetime import timedelta

from services.collection.application.booking import BookPickup, book_pickup
from services.collection.application.desk import Desk
from services.collection.domain.life import CITY
from services.collection.domain.outcomes import OUTCOMES
from services.collection.domain.pickup import Pickup
from services.collection.domain.slots import Slot
from services.collection.domain.states import OPEN, State
from shared.kernel.aggregate import Stored
from shared.kernel.clock import legal_day
from shared.kernel.errors import Rejected
from shared.kernel.ids import derived_id

REBOOKED_A_PAGE = 100
PAGES_A_ROUND = 20
FOLLOWED_MAX = 8
# No other slot helps.
OF_THE_HOUSEHOLD = frozenset({"collection.too_many_open", "household.closed"})
# So long a free slot is looked for, counted from the day that failed, and so far ahead.
TRIED_FOR = timedelta(days=7)
REBOOKED_OUTCOMES = tuple(each.code for each in OUTCOMES.values() if each.rebooked)


def rebook_all(*, desk: Desk) -> int:
    """Book the next free slot for what was missed or delayed; return how many were booked.

    What finds no place keeps nobody else waiting: the others are looked at in the same round.
    """
    since, booked, in_vain = legal_day(desk.clock.now()) - TRIED_FOR, 0, 0
    slots = _FreeSlots(desk)
    for _ in range(PAGES_A_ROUND):
        found = desk.search.to_rebook(
            since, outcomes=REBOOKED_OUTCOMES, skip=in_vain, limit=REBOOKED_A_PAGE
        )
        done = sum(_rebook(stored, slots, desk=desk) for stored in found)
        booked, in_vain = booked + done, in_vain + len(found) - done
        if len(found) < REBOOKED_A_PAGE:
            break
    return booked


def is_booked_again(pickup: Pickup, *, desk: Desk) -> bool:
    """Say whether anybody may still be sent in place of this one: by what the city booked for it.

    Or for that, where it was missed too, and so on; the last of them may be booked again any time.
    They are found by their derived ids: a round that died may not have noted them.
    """
    last = pickup
    for _ in range(FOLLOWED_MAX):
        again = rebooked_id(last.pickup_id)
        found = desk.search.many([again]).get(again) if _is_owed(last) else None
        if found is None:
            break
        last = found.state
    return last is not pickup and (last.state in OPEN or _is_owed(last))


def _is_owed(pickup: Pickup) -> bool:
    """Say whether the city owes another visit, as the search for them does."""
    is_failed = pickup.state is State.FAILED and pickup.outcome in REBOOKED_OUTCOMES
    return pickup.state is State.MISSED or is_failed


def rebooked_id(pickup_id: str) -> str:
    """Return the id of the pickup that is booked in place of one, if any is."""
    return derived_id("rebooked", pickup_id)


class _FreeSlots:
    """A community's slots of the next days, read once a round."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._known: dict[str, list[Slot]] = {}

    def of(self, pickup: Pickup) -> list[Slot]:
        """Return those that had places left, of the same band first."""
        code = pickup.booking.community_code
        if code not in self._known:
            today = legal_day(self._desk.clock.now())
            found = self._desk.slots.list(
                code, first=today + timedelta(days=1), last=today + TRIED_FOR
            )
            self._known[code] = [each for each in found if each.pool.places_left]
        return sorted(self._known[code], key=lambda each: each.name.band != pickup.booking.band)


def _rebook(stored: Stored[Pickup], slots: _FreeSlots, *, desk: Desk) -> bool:
    pickup_id = rebooked_id(stored.id)
    if not _is_booked(pickup_id, desk=desk) and not _book(
        stored.state, pickup_id, slots, desk=desk
    ):
        return False
    now = desk.clock.now()
    desk.pickups.change(stored.id, lambda held: held.rebooked(pickup_id, at=now))
    return True


def _is_booked(pickup_id: str, *, desk: Desk) -> bool:
    """Say whether an earlier round booked it; one that found no place left a lapsed draft."""
    found = desk.search.many([pickup_id]).get(pickup_id)
    return found is not None and found.state.state is not State.LAPSED


def _book(pickup: Pickup, pickup_id: str, slots: _FreeSlots, *, desk: Desk) -> bool:
    for slot in slots.of(pickup):
        cmd = BookPickup(
            pickup_id=pickup_id,
            household_id=pickup.booking.household_id,
            slot_id=slot.slot_id,
            items=pickup.booking.items,
            caller=CITY,
            is_staff=True,
        )
        try:
            book_pickup(cmd, desk=desk, request=None)
        except Rejected as no:
            if no.code in OF_THE_HOUSEHOLD:
                return False
        else:
            return True
    return False

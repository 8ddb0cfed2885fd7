"""The city books again what was its own doing to miss: exact, because the new id is derived."""

from datetime import timedelta

from services.collection.application.booking import BookPickup, book_pickup
from services.collection.application.desk import Desk
from services.collection.domain.life import CITY
from services.collection.domain.outcomes import OUTCOMES
from services.collection.domain.pickup import Pickup
from shared.kernel.aggregate import Stored
from shared.kernel.clock import legal_day
from shared.kernel.errors import Rejected
from shared.kernel.ids import derived_id

REBOOKED_A_ROUND = 100
# So long a free slot is looked for, counted from the day that failed, and so far ahead.
TRIED_FOR = timedelta(days=7)
REBOOKED_OUTCOMES = tuple(each.code for each in OUTCOMES.values() if each.rebooked)


def rebook_all(*, desk: Desk) -> int:
    """Book the next free slot for what was missed or delayed; return how many were booked."""
    since = legal_day(desk.clock.now()) - TRIED_FOR
    found = desk.search.to_rebook(since, outcomes=REBOOKED_OUTCOMES, limit=REBOOKED_A_ROUND)
    return sum(_rebook(stored, desk=desk) for stored in found)


def _rebook(stored: Stored[Pickup], *, desk: Desk) -> bool:
    pickup_id = derived_id("rebooked", stored.id)
    if not desk.search.many([pickup_id]) and not _book(stored.state, pickup_id, desk=desk):
        return False
    now = desk.clock.now()
    desk.pickups.change(stored.id, lambda held: held.rebooked(pickup_id, at=now))
    return True


def _book(pickup: Pickup, pickup_id: str, *, desk: Desk) -> bool:
    today = legal_day(desk.clock.now())
    slots = desk.slots.list(
        pickup.booking.community_code, first=today + timedelta(days=1), last=today + TRIED_FOR
    )
    same_band = sorted(slots, key=lambda each: each.name.band != pickup.booking.band)
    for slot in same_band:
        cmd = BookPickup(
            pickup_id=pickup_id,
            household_id=pickup.booking.household_id,
            slot_id=slot.slot_id,
            items=pickup.booking.items,
            caller=CITY,
            is_staff=True,
        )
        try:
            if slot.pool.places_left:
                book_pickup(cmd, desk=desk, request=None)
                return True
        except Rejected:
            continue
    return False

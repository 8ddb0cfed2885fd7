"""A community's calendar at work: slots are opened ahead, and closed with their bookings."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from functools import partial

from services.collection.application.desk import Desk
from services.collection.application.places import free_places
from services.collection.domain.community import CommunityRules, check_rules
from services.collection.domain.life import CITY
from services.collection.domain.pickup import Pickup
from services.collection.domain.pools import pickup_of
from services.collection.domain.slots import Slot, SlotName, open_slot
from services.collection.domain.states import OPEN
from shared.kernel.aggregate import Decision, Request, Stored, put
from shared.kernel.clock import legal_day
from shared.kernel.errors import NotFound

SLOTS_A_PAGE = 1_000


def set_rules(
    rules: CommunityRules, *, desk: Desk, request: Request[CommunityRules]
) -> Stored[CommunityRules]:
    """Set or replace a community's rules; `Invalid` (rules.…).

    Every slot of a closed day, however far ahead, gives no more places when this returns; its
    bookings are cancelled by the next round of `open_ahead`.
    """
    check_rules(rules)
    code = rules.community_code
    stored = put(desk.rules, code, rules, request=request)
    desk.reached("rules.set.after")
    today = legal_day(desk.clock.now())
    for closure in stored.state.closures:
        desk.slots.close_days(code, replace(closure, first=max(closure.first, today)))
    return stored


def add_slot(name: SlotName, *, capacity: int, desk: Desk) -> Slot:
    """Open a slot; opening it again is the same slot. A closed day's gives no places.

    The rules are read again behind the insert: those that were set in between did not find it.
    """
    reason = _closure_now(name, desk=desk)
    added = desk.slots.add(open_slot(name, capacity=capacity, closed=reason))
    return _closed_meanwhile(added, desk=desk)


def open_ahead(*, desk: Desk) -> int:
    """Open the slots that the rules of all communities offer, close what is closed; repeatable."""
    return sum(_open_community(rules, desk=desk) for rules in desk.rules.all())


def _open_community(rules: CommunityRules, *, desk: Desk) -> int:
    today = legal_day(desk.clock.now())
    present = {slot.name: slot for slot in _slots_from(today, rules.community_code, desk=desk)}
    opened = 0
    for name, capacity in rules.offered(today, calendar=desk.working_days):
        if name not in present:
            add_slot(name, capacity=capacity, desk=desk)
            opened += 1
    for slot in present.values():
        _close(slot, rules.closure(slot.name), desk=desk)
    return opened


def _slots_from(today: date, community_code: str, *, desk: Desk) -> Iterator[Slot]:
    """Return all slots of today and later, also those that were opened beyond the horizon."""
    first, found = today, desk.slots.list(community_code, first=today, last=date.max)
    yield from found
    while len(found) >= SLOTS_A_PAGE and found[-1].name.service_day > first:
        first = found[-1].name.service_day  # its other bands may be on the next page
        found = desk.slots.list(community_code, first=first, last=date.max)
        yield from found


def _closure_now(name: SlotName, *, desk: Desk) -> str | None:
    """Return why a slot is closed by the rules as they are stored now; `rules.of` may be behind."""
    try:
        return desk.rules.get(name.community_code).state.closure(name)
    except NotFound:
        return None


def _closed_meanwhile(slot: Slot, *, desk: Desk) -> Slot:
    """Close a slot that was opened by rules which others replaced just now."""
    reason = None if slot.pool.closed else _closure_now(slot.name, desk=desk)
    return slot if reason is None else desk.slots.close(slot.slot_id, reason)


def _close(slot: Slot, reason: str | None, *, desk: Desk) -> None:
    """Close first, then cancel: no booking can come in between."""
    if slot.pool.closed != reason:
        _closed_meanwhile(desk.slots.close(slot.slot_id, reason), desk=desk)
    if reason is None or not slot.pool.holds:
        return
    held = {pickup_of(hold.hold_id) for hold in slot.pool.holds}
    for pickup_id, stored in desk.search.many(held).items():
        if stored.state.state in OPEN and stored.state.booking.slot_id == slot.slot_id:
            cancel = partial(_cancel_closed, reason=reason, desk=desk)
            free_places(desk.pickups.change(pickup_id, cancel), desk=desk)


def _cancel_closed(pickup: Pickup, *, reason: str, desk: Desk) -> Decision[Pickup]:
    if pickup.state not in OPEN:
        return Decision(pickup)
    return pickup.cancel(by=CITY, reason=reason, now=desk.clock.now())

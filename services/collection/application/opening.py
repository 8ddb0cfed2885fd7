"""A community's calendar at work: slots are opened ahead, and closed with their bookings."""

from datetime import timedelta
from functools import partial

from services.collection.application.desk import Desk
from services.collection.application.places import free_places
from services.collection.domain.community import CommunityRules, check_rules
from services.collection.domain.life import CITY
from services.collection.domain.pickup import Pickup
from services.collection.domain.pools import pickup_of
from services.collection.domain.slots import Slot, open_slot
from services.collection.domain.states import OPEN
from shared.kernel.aggregate import Decision, Request, Stored
from shared.kernel.clock import legal_day
from shared.kernel.errors import NotFound


def set_rules(
    rules: CommunityRules, *, desk: Desk, request: Request[CommunityRules]
) -> Stored[CommunityRules]:
    """Set or replace a community's rules; `Invalid` (rules.…)."""
    check_rules(rules)
    code = rules.community_code
    try:
        return desk.rules.change(code, lambda _held: Decision(rules), request=request)
    except NotFound:
        return desk.rules.create(code, Decision(rules), request=request)


def open_ahead(*, desk: Desk) -> int:
    """Open the slots that the rules of all communities offer, close what is closed; repeatable."""
    return sum(_open_community(rules, desk=desk) for rules in desk.rules.all())


def _open_community(rules: CommunityRules, *, desk: Desk) -> int:
    today = legal_day(desk.clock.now())
    last = today + timedelta(days=rules.horizon_days)
    present = {
        slot.name: slot for slot in desk.slots.list(rules.community_code, first=today, last=last)
    }
    opened = 0
    for name, capacity in rules.offered(today, calendar=desk.working_days):
        if name not in present:
            desk.slots.add(open_slot(name, capacity=capacity))
            opened += 1
    for slot in present.values():
        _close(slot, rules.closure(slot.name), desk=desk)
    return opened


def _close(slot: Slot, reason: str | None, *, desk: Desk) -> None:
    """Close first, then cancel: no booking can come in between."""
    if slot.pool.closed != reason:
        desk.slots.close(slot.slot_id, reason)
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

"""Steps and days of pickups become notices. Jobs of the worker; all may be repeated.

Exact because an intent's id is derived: a step is noted as told, and a slot as reminded, only after
the intents are stored. sending.py sends them.
"""

from collections.abc import Mapping, Sequence

from services.collection.application.notice_ports import Office
from services.collection.application.telling import keep
from services.collection.domain.notices import DueReminder, Notice, due_reminder, next_reminder_at
from services.collection.domain.outcomes import OPERATOR
from services.collection.domain.pickup import Pickup
from services.collection.domain.pickup_notices import notices_of, reminder
from services.collection.domain.pools import pickup_of
from services.collection.domain.preferences import OPERATORS
from services.collection.domain.slots import Slot
from services.collection.domain.states import OPEN

TOLD_A_ROUND = 200
SLOTS_A_ROUND = 20
READ_AT_ONCE = 200


def tell_steps(*, office: Office) -> int:
    """Make the intents that steps ask for; return how many pickups had some."""
    now = office.desk.clock.now()
    found = office.desk.search.untold(limit=TOLD_A_ROUND)
    notices = [
        notice
        for stored in found
        for step in stored.state.history
        if step.number in stored.state.untold
        for notice in notices_of(stored.state, step, now=now)
    ]
    _keep(notices, {stored.id: stored.state for stored in found}, office=office)
    office.desk.reached("notice.tell.before")
    office.desk.search.told(found)
    return len(found)


def remind(*, office: Office) -> int:
    """Make the reminders of the slots whose time has come; return how many slots there were."""
    now = office.desk.clock.now()
    slots = office.desk.slots.to_remind(now, limit=SLOTS_A_ROUND)
    for slot, at in slots:
        start, _ = slot.name.window
        due = due_reminder(start, now)
        if due is not None:
            for ids in _portions(slot):
                _remind(ids, slot, due, office=office)
        office.desk.reached("notice.remind.before")
        office.desk.slots.reminded(slot.slot_id, at, next_at=next_reminder_at(start, now))
    return len(slots)


def _portions(slot: Slot) -> list[list[str]]:
    ids = sorted({pickup_of(hold.hold_id) for hold in slot.pool.holds})
    return [ids[begin : begin + READ_AT_ONCE] for begin in range(0, len(ids), READ_AT_ONCE)]


def _remind(ids: Sequence[str], slot: Slot, due: DueReminder, *, office: Office) -> None:
    """Who booked after a reminder's time knows; who moved away or is done needs none."""
    found = {each: stored.state for each, stored in office.desk.search.many(ids).items()}
    notices = [
        reminder(pickup, due.kind)
        for pickup in found.values()
        if pickup.state in OPEN
        and pickup.booking.slot_id == slot.slot_id
        and pickup.booked_at < due.at
    ]
    _keep(notices, found, office=office)


def _keep(notices: Sequence[Notice], known: Mapping[str, Pickup], *, office: Office) -> None:
    """Store the intents; a step may ask for a notice about another pickup."""
    others = {notice.subject.id for notice in notices} - known.keys()
    found = {each: stored.state for each, stored in office.desk.search.many(others).items()}
    homes = {each: pickup.booking.household_id for each, pickup in {**found, **known}.items()}
    keep(notices, homes=homes, staff={OPERATOR: (OPERATORS,)}, office=office)

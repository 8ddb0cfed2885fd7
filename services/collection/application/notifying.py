"""Steps and days become notices, and notices intents. Jobs of the worker; all may be repeated.

Exact because an intent's id is derived: a step is noted as told, and a slot as reminded, only after
the intents are stored. sending.py sends them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from services.collection.application.notice_ports import Office
from services.collection.domain.intents import Intent, Progress, intent_of
from services.collection.domain.notices import (
    DueReminder,
    Notice,
    due_reminder,
    next_reminder_at,
    notices_of,
    reminder,
)
from services.collection.domain.outcomes import OPERATOR, RESIDENT
from services.collection.domain.pickup import Pickup
from services.collection.domain.pools import pickup_of
from services.collection.domain.preferences import OPERATORS
from services.collection.domain.slots import Slot
from services.collection.domain.states import OPEN

TOLD_A_ROUND = 200
SLOTS_A_ROUND = 20
READ_AT_ONCE = 200
ROUNDS_MAX = 50


def tell_steps(*, office: Office) -> int:
    """Make the intents that steps ask for; return how many pickups had some."""
    return _in_rounds(lambda: _tell_steps(office), full=TOLD_A_ROUND)


def remind(*, office: Office) -> int:
    """Make the reminders of the slots whose time has come; return how many slots there were."""
    return _in_rounds(lambda: _remind_slots(office), full=SLOTS_A_ROUND)


def _in_rounds(work: Callable[[], int], *, full: int) -> int:
    """Go on while a round was full, 50 rounds at the most."""
    done = 0
    for _ in range(ROUNDS_MAX):
        some = work()
        done += some
        if some < full:
            break
    return done


def _tell_steps(office: Office) -> int:
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


def _remind_slots(office: Office) -> int:
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
    """Store an intent for each recipient of each notice; those that are there stay."""
    others = {notice.pickup_id for notice in notices} - known.keys()
    pickups = {each: stored.state for each, stored in office.desk.search.many(others).items()}
    pickups |= known
    homes = {
        notice.pickup_id: pickups[notice.pickup_id].booking.household_id
        for notice in notices
        if notice.audience == RESIDENT and notice.pickup_id in pickups
    }
    persons = office.recipients.of_households(sorted(set(homes.values())))
    intents = [
        _made(notice, recipient, office=office)
        for notice in notices
        for recipient in _recipients(notice, homes, persons)
    ]
    if intents:
        office.intents.add(intents)


def _recipients(
    notice: Notice, homes: Mapping[str, str], persons: Mapping[str, Sequence[str]]
) -> Sequence[str]:
    if notice.audience == OPERATOR:
        return (OPERATORS,)
    return persons.get(homes.get(notice.pickup_id, ""), ())


def _made(notice: Notice, recipient: str, *, office: Office) -> Intent:
    now, real_now = office.desk.clock.now(), office.desk.lease_clock.now()
    intent = intent_of(notice, recipient, now=now, real_now=real_now)
    if office.channels:
        return intent
    return replace(intent, progress=Progress.VOID, why="notice.no_channel", ended_at=real_now)

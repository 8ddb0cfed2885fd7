"""Making a series' days true: each is booked, follows changes, or is withdrawn; exact by order.

A day's pickup decides (its id is derived), the series only notes. Pickups are read before the
series, and changed at the version that was read: who acts on older orders loses that race. A day
that is withdrawn before it was booked gets a draft that is lapsed for good, so that a slower
booking of it comes too late. Whatever crashes, the series says what is still to be done.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial

from services.collection.application.amending import AmendPickup, amend_pickup
from services.collection.application.booking import BookPickup, book_pickup
from services.collection.application.desk import Desk
from services.collection.application.places import free_places
from services.collection.application.rota import Rota
from services.collection.domain import pickup as pickups_of
from services.collection.domain.occurrences import (
    CANCELLED_ALONE,
    TO_LEAVE,
    TOO_LATE,
    Occurrence,
    Standing,
)
from services.collection.domain.pickup import CITY, RESIDENT, Pickup
from services.collection.domain.series import Series, Told
from services.collection.domain.states import State
from shared.kernel.aggregate import Decision, Stored
from shared.kernel.clock import legal_day
from shared.kernel.errors import Conflict, Rejected, Stale, Unavailable

SERIES_A_ROUND = 100
PASSES = 4
NOT_UNDER_WAY = (State.BOOKED, State.ASSIGNED)
# Another was faster, or its orders are newer: look again.
OVERTAKEN = frozenset({"collection.exists", "collection.withdrawn"})
# A booked day cannot follow a change any more: it stays as it is, and says why.
FINAL = frozenset({TOO_LATE, "collection.too_often", "collection.not_possible"})
# The household itself is gone: nothing of it will ever be booked again.
GONE = frozenset({"household.not_found", "household.closed"})
WITHDRAWN_REASON = "series.withdrawn"
Present = Mapping[str, Stored[Pickup]]


def materialise_all(*, rota: Rota) -> int:
    """Do what waits of all series, a round of them; return how many there were."""
    due = rota.search.due(rota.desk.clock.now(), limit=SERIES_A_ROUND)
    for series_id in due:
        materialise(series_id, rota=rota)
    return len(due)


def materialise_soon(series_id: str, *, rota: Rota) -> None:
    """Do at once what an order asks for; where storage is away, the worker does it later."""
    with suppress(Unavailable):
        materialise(series_id, rota=rota)


def materialise(series_id: str, *, rota: Rota) -> None:
    """Do what waits of one series; may be repeated, by several at a time, and crash anywhere."""
    for _ in range(PASSES):
        series = _claimed(series_id, rota=rota)
        now = rota.desk.clock.now()
        wanted = [each.pickup_id(series_id) for each in series.to_do(now=now)]
        if not wanted:
            return
        present = rota.desk.search.many(wanted)
        rota.desk.reached("series.read.after")
        series = rota.series.get(series_id).state
        _note(series, _act(series, present, set(wanted), rota=rota), rota=rota)


def _claimed(series_id: str, *, rota: Rota) -> Series:
    """Reach as far as today's horizon, in the series' document before any day of it is booked."""
    series = rota.series.get(series_id).state
    today = legal_day(rota.desk.clock.now())
    if series.claimed_on is not None and series.claimed_on >= today:
        return series
    outlook = rota.outlook(series.community_code)
    return rota.series.change(series_id, lambda held: Decision(held.claimed(outlook))).state


def _act(series: Series, present: Present, looked_at: set[str], *, rota: Rota) -> Told:
    results = []
    for day in series.to_do(now=rota.desk.clock.now()):
        pickup_id = day.pickup_id(series.series_id)
        if pickup_id in looked_at:
            rota.desk.reached("series.act.before")
            after = _done(series, day, present.get(pickup_id), desk=rota.desk)
            rota.desk.reached("series.act.after")
            results += [(day, after)] if after is not None else []
    return Told(series.edition, tuple(results))


def _note(series: Series, told: Told, *, rota: Rota) -> None:
    rota.desk.reached("series.note.before")
    outlook = rota.outlook(series.community_code)
    rota.series.change(series.series_id, lambda held: Decision(held.noted(told, outlook)))
    if any(after.reason in GONE for _, after in told.results):
        rota.series.change(series.series_id, lambda held: Decision(held.closed(outlook)))
    rota.desk.reached("series.note.after")


def _done(
    series: Series, day: Occurrence, stored: Stored[Pickup] | None, *, desk: Desk
) -> Occurrence | None:
    """Do what is to be done about a day; None where somebody else did something just now."""
    with suppress(Stale):
        if day.standing in TO_LEAVE:
            return _withdraw(series, day, stored, desk=desk)
        if stored is not None and stored.state.state is not State.LAPSED:
            return _align(series, day, stored, desk=desk)
        return _place(series, day, stored, desk=desk)
    return None


def _place(
    series: Series, day: Occurrence, stored: Stored[Pickup] | None, *, desk: Desk
) -> Occurrence | None:
    now = desk.clock.now()
    if stored is not None and stored.state.withdrawn:
        return day.renewed()
    cut_off = desk.rules.of(series.community_code).cut_offs.book
    if cut_off.passed(day.day, now=now, calendar=desk.working_days):
        reason = day.reason or TOO_LATE
        return day.done(Standing.GIVEN_UP, now=now, reason=reason)
    try:
        book_pickup(_booking(series, day), desk=desk, request=None)
    except Rejected as no:
        if no.code in OVERTAKEN:
            return None
        return day.done(Standing.UNPLACED, now=now, reason=no.code)
    return day.done(Standing.BOOKED, now=now)


def _booking(series: Series, day: Occurrence) -> BookPickup:
    return BookPickup(
        pickup_id=day.pickup_id(series.series_id),
        household_id=series.household_id,
        slot_id=series.slot_of(day.day).slot_id,
        items=series.pattern.items,
        caller=CITY,
        is_staff=True,
        series_id=series.series_id,
    )


def _align(
    series: Series, day: Occurrence, stored: Stored[Pickup], *, desk: Desk
) -> Occurrence | None:
    """Let a booked day be what the series says now, as far as it is not under way."""
    now, booking = desk.clock.now(), stored.state.booking
    slot_id = series.slot_of(day.day).slot_id
    is_so = (booking.slot_id, booking.items) == (slot_id, series.pattern.items)
    if is_so and series.edition > 1:  # who still acts on an edition before must come too late
        _change(stored, Decision, desk=desk)
    if is_so or stored.state.state not in NOT_UNDER_WAY:
        return day.done(Standing.BOOKED, now=now)
    cmd = AmendPickup(
        pickup_id=stored.id,
        items=series.pattern.items,
        slot_id=slot_id,
        caller=CITY,
        is_staff=True,
        expected_version=stored.version,
    )
    try:
        amend_pickup(cmd, desk=desk, request=None)
    except Stale:
        raise
    except Rejected as no:
        standing = Standing.BOOKED if no.code in FINAL else Standing.CHANGING
        return day.done(standing, now=now, reason=no.code)
    return day.done(Standing.BOOKED, now=now)


def _withdraw(
    series: Series, day: Occurrence, stored: Stored[Pickup] | None, *, desk: Desk
) -> Occurrence | None:
    now, pickup_id = desk.clock.now(), day.pickup_id(series.series_id)
    if stored is None:
        withdrawn = pickups_of.lapse(pickup_id, now=desk.lease_clock.now(), withdrawn=True)
        try:
            desk.pickups.create(pickup_id, withdrawn)
        except Conflict:  # it was booked meanwhile
            return None
    elif stored.state.state is State.LAPSED:
        if not stored.state.withdrawn:
            _change(stored, Pickup.withdraw, desk=desk)
    elif stored.state.state in NOT_UNDER_WAY:
        cancel = partial(Pickup.cancel, by=RESIDENT, reason=WITHDRAWN_REASON, now=now)
        free_places(_change(stored, cancel, desk=desk), desk=desk)
    elif stored.state.state is not State.CANCELLED:
        return day.done(Standing.BOOKED, now=now, reason="collection.not_possible")
    elif stored.state.cancel_reason != WITHDRAWN_REASON:
        return day.done(Standing.WITHDRAWN, now=now, reason=CANCELLED_ALONE)
    if day.standing is Standing.RENEWING:
        return day.renewed()
    return day.done(Standing.WITHDRAWN, now=now)


def _change(
    stored: Stored[Pickup], decide: Callable[[Pickup], Decision[Pickup]], *, desk: Desk
) -> Stored[Pickup]:
    return desk.pickups.change(stored.id, decide, expected_version=stored.version)

"""Runs a reaction: poll, check, decode, apply, move the cursor. Any process may die at any point.

`Rejected` becomes a dead letter; `Unavailable` is tried again, bounded, then ends the process
before its cursor moves; a bug ends it too, and its third crash on one event buries that event.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

import structlog

from shared.contracts.catalogue import PAYLOAD_BY_TYPE
from shared.contracts.codec import RawRecord, decode, sequence_of
from shared.kernel.errors import Invalid, Rejected, Unavailable
from shared.messaging.crash_points import reached
from shared.messaging.marks import Mark
from shared.messaging.ports_in import Cursor, Cursors, DeadLetters, Letter, Place, Source
from shared.messaging.reactions import AnyEvent, Reaction, sequence_mark
from shared.observability import metrics

log = structlog.get_logger(__name__)

T = TypeVar("T")

RECORDS_MAX = 500
POLL_S = 0.1
TRIES = 8
PAUSE_S = 0.2
CRASHES_MAX = 3
HOUSEKEEPING_EVERY_S = 1.0


class SequenceBroken(Exception):  # noqa: N818 - says what happened
    """Sequences have a gap, or one names two events: never guess, stop and alarm."""


class Runner:
    """Runs one reaction in one thread."""

    def __init__(
        self,
        reaction: Reaction,
        source: Source,
        *,
        cursors: Cursors,
        letters: DeadLetters,
        generation: int = 1,
    ) -> None:
        """A later `generation` reads all topics again from the start, into fresh marks."""
        self._reaction = reaction
        self._source = source
        self._cursors = cursors
        self._letters = letters
        self._mark = sequence_mark(reaction.group, generation)
        self._owned: dict[Place, Cursor] = {}
        self._kept_house_at_s = 0.0
        self.progressed_at_s = time.monotonic()
        self.lag = 0

    @property
    def group(self) -> str:
        """The consumer group's name."""
        return self._reaction.group

    def run(self, should_stop: Callable[[], bool]) -> None:
        """React until told to stop; raise what must end the process."""
        self._source.subscribe(
            self._reaction.topics, assigned=self._assigned, revoked=self._revoked
        )
        try:
            while not should_stop():
                self.run_round()
        finally:
            self._source.close()

    def run_round(self) -> int:
        """Poll once and handle what came; return how many records that were."""
        records = self._source.poll(timeout_s=POLL_S, records_max=RECORDS_MAX)
        reached("reaction.poll.after")
        if records:
            self._handle(records)
        if time.monotonic() - self._kept_house_at_s > HOUSEKEEPING_EVERY_S:
            self._keep_house()
        return len(records)

    def _assigned(self, places: Sequence[Place]) -> None:
        for topic, partition in places:
            cursor = _patiently(partial(self._cursors.claim, topic, partition))
            self._owned[cursor.place] = cursor
            self._source.seek(cursor.place, cursor.next_offset)

    def _revoked(self, places: Sequence[Place]) -> None:
        for place in places:
            self._owned.pop(place, None)

    def _handle(self, records: Sequence[RawRecord]) -> None:
        before = dict(self._owned)
        events: list[tuple[RawRecord, AnyEvent]] = []
        for record in records:
            event = self._admit(record)
            if event is not None:
                events.append((record, event))
        reached("reaction.effect.before")
        self._apply(events)
        reached("reaction.effect.after")
        moved = [cursor for place, cursor in self._owned.items() if before.get(place) != cursor]
        reached("reaction.cursor.before")
        _patiently(lambda: self._cursors.move(moved))
        reached("reaction.cursor.after")
        self._observe(events, before, moved)

    def _admit(self, record: RawRecord) -> AnyEvent | None:
        """Return the event where something is to be done; move the cursor in memory."""
        cursor = self._owned.get((record.topic, record.partition))
        if cursor is None or record.offset < cursor.next_offset:
            return None
        sequence = sequence_of(record)
        event_id = _header(record, "ce_id")
        self._owned[cursor.place] = cursor.past(record)
        if sequence is None:
            self._bury(record, Invalid("contract.missing_header", "no readable ce_sequence"))
            return None
        if sequence <= cursor.last_sequence:
            _expect_same(cursor, sequence, event_id)
            again = replace(cursor.past(record), duplicates=cursor.duplicates + 1)
            self._owned[cursor.place] = again
            return None
        if sequence > cursor.last_sequence + 1:
            raise SequenceBroken(f"{cursor.place}: {sequence} follows {cursor.last_sequence}")
        following = replace(cursor.past(record), last_sequence=sequence, last_id=event_id)
        self._owned[cursor.place] = following
        return self._read(record)

    def _read(self, record: RawRecord) -> AnyEvent | None:
        type_ = _header(record, "ce_type")
        if type_ in PAYLOAD_BY_TYPE and not self._reaction.handles(type_):
            return None
        try:
            event = decode(record)
        except Invalid as reason:
            self._bury(record, reason)
            return None
        return event if self._reaction.handles(event.type) else None

    def _apply(self, events: Sequence[tuple[RawRecord, AnyEvent]]) -> None:
        """Apply all at once; where that fails for one event, one by one to find it."""
        try:
            self._apply_patiently([event for _, event in events], self._mark)
        except Unavailable:
            raise
        except Exception as error:  # noqa: BLE001 - told apart event by event just below
            log.warning("reaction.one_by_one", group=self.group, error=type(error).__name__)
            for record, event in events:
                self._apply_one(record, event)

    def _apply_one(self, record: RawRecord, event: AnyEvent) -> None:
        try:
            self._apply_patiently([event], self._mark)
        except Rejected as reason:
            self._bury(record, reason)
        except Unavailable:
            raise
        except Exception as error:
            if self._letters.crashed(record) < CRASHES_MAX:
                raise
            self._letters.bury(record, code="bug", message=type(error).__name__)

    def _apply_patiently(
        self, events: Sequence[AnyEvent], mark: Callable[[AnyEvent], Mark]
    ) -> None:
        if events:
            _patiently(lambda: self._reaction.apply(events, mark))

    def _bury(self, record: RawRecord, reason: Rejected) -> None:
        log.warning("reaction.dead_letter", group=self.group, code=reason.code)
        _patiently(lambda: self._letters.bury(record, code=reason.code, message=reason.message))

    def _keep_house(self) -> None:
        self._kept_house_at_s = time.monotonic()
        for letter in self._letters.wanted_back():
            self._replay(letter)
        metrics.DEAD_LETTERS.labels(self.group).set(self._letters.waiting())
        waiting = self._source.lag()
        for topic, lag in waiting.items():
            metrics.EVENTS_LAG.labels(self.group, topic).set(lag)
        self.lag = sum(waiting.values())
        if self._owned and not self.lag:
            self.progressed_at_s = time.monotonic()

    def _replay(self, letter: Letter) -> None:
        """Apply a letter under its own mark: beside the sequence, and once however often asked."""
        try:
            event = decode(letter.record)
            if self._reaction.handles(event.type):
                self._apply_patiently([event], lambda _: Mark(f"letter|{letter.id}", 1))
        except Rejected as reason:
            self._letters.replayed(letter, error=reason.code)
        else:
            self._letters.replayed(letter, error=None)

    def _observe(
        self,
        events: Sequence[tuple[RawRecord, AnyEvent]],
        before: dict[Place, Cursor],
        moved: Sequence[Cursor],
    ) -> None:
        self.progressed_at_s = time.monotonic()
        now = datetime.now(UTC)
        for _, event in events:
            age_s = (now - event.recorded_time).total_seconds()
            metrics.EVENT_AGE_S.labels(self.group).observe(age_s)
        for cursor in moved:
            held = before[cursor.place]
            labels = (self.group, cursor.topic)
            metrics.EVENTS_APPLIED.labels(*labels).inc(cursor.last_sequence - held.last_sequence)
            metrics.EVENTS_DUPLICATE.labels(*labels).inc(cursor.duplicates - held.duplicates)


def _header(record: RawRecord, name: str) -> str:
    for held, value in record.headers:
        if held == name:
            return value.decode(errors="replace")
    return ""


def _expect_same(cursor: Cursor, sequence: int, event_id: str) -> None:
    """The newest sequence under another id is another history: a restored database."""
    if sequence == cursor.last_sequence and event_id != cursor.last_id:
        raise SequenceBroken(f"{cursor.place}: {sequence} names two events")


def _patiently(act: Callable[[], T]) -> T:
    """Try again while a dependency is away, a few seconds in all, then let it through."""
    for attempt in range(TRIES):
        try:
            return act()
        except Unavailable:
            if attempt == TRIES - 1:
                raise
            time.sleep(PAUSE_S * 2 ** min(attempt, 4))
    raise AssertionError("unreachable: the last try returns or raises")

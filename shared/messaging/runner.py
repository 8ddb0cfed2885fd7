"""Runs a reaction: poll, check, apply, move the cursor. Any process may die at any point.

`Rejected` becomes a dead letter; `Unavailable` is tried again, bounded, then ends the process
before its cursor moves; a bug ends it too, and its third crash on one event buries that event.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

import structlog

from shared.contracts.catalogue import PAYLOAD_BY_TYPE
from shared.contracts.codec import RawRecord, sequence_of
from shared.messaging.applying import Admitted, Applier
from shared.messaging.crash_points import reached
from shared.messaging.patience import Patience
from shared.messaging.ports_in import Cursor, Cursors, DeadLetters, Place, Source
from shared.messaging.reactions import Reaction, sequence_mark
from shared.messaging.replay import replay_wanted
from shared.observability import metrics

log = structlog.get_logger(__name__)

RECORDS_MAX = 500
POLL_S = 0.1
HOUSEKEEPING_EVERY_S = 1.0
NOTHING: Mapping[int, frozenset[str]] = {}


class SequenceBroken(Exception):  # noqa: N818 - says what happened
    """The partition has a gap, two events under one sequence, or went back: stop and alarm."""


class Runner:
    """Runs one reaction in one thread. After an error it is of no more use: end the process."""

    def __init__(
        self,
        reaction: Reaction,
        source: Source,
        *,
        cursors: Cursors,
        letters: DeadLetters,
        generation: int = 1,
        pause: Callable[[float], object] = time.sleep,
    ) -> None:
        """A later `generation` reads all topics again from the start, into fresh marks."""
        self._reaction = reaction
        self._source = source
        self._cursors = cursors
        self._letters = letters
        self._patience = Patience(pause)
        mark = sequence_mark(reaction.group, generation)
        self._applier = Applier(reaction, self, mark=mark, patience=self._patience)
        self._owned: dict[Place, Cursor] = {}
        self._buried: dict[Place, Mapping[int, frozenset[str]]] = {}
        self._kept_house_at_s = 0.0
        self.progressed_at_s = time.monotonic()
        self.lag = 0

    @property
    def group(self) -> str:
        """The consumer group's name."""
        return self._reaction.group

    def run(self, should_stop: Callable[[], bool]) -> None:
        """React until told to stop; raise what must end the process."""
        self.join()
        try:
            while not should_stop():
                self.run_round()
        finally:
            self._source.close()

    def join(self) -> None:
        """Subscribe; partitions come from within later rounds."""
        self._source.subscribe(
            self._reaction.topics, assigned=self._assigned, revoked=self._revoked
        )

    def run_round(self) -> int:
        """Poll once and handle what came; return how many records that were."""
        # Before the records: a group that stops at each of them can still be given its letters.
        if time.monotonic() - self._kept_house_at_s > HOUSEKEEPING_EVERY_S:
            self.keep_house()
        reached("reaction.poll.before")
        records = self._source.poll(timeout_s=POLL_S, records_max=RECORDS_MAX)
        reached("reaction.poll.after")
        if records:
            self._handle(records)
        return len(records)

    def is_past(self, ends: Mapping[Place, int]) -> bool:
        """Say whether this process owns these partitions and has applied them up to `ends`."""
        return all(
            end == 0 or (place in self._owned and self._owned[place].next_offset >= end)
            for place, end in ends.items()
        )

    def keep_house(self) -> None:
        """Replay the letters that are wanted back, and show lag and letters."""
        self._kept_house_at_s = time.monotonic()
        replay_wanted(self._letters, self._applier, patience=self._patience)
        metrics.DEAD_LETTERS.labels(self.group).set(self._patience(self._letters.waiting))
        waiting = self._source.lag()
        for topic, lag in waiting.items():
            metrics.EVENTS_LAG.labels(self.group, topic).set(lag)
        self.lag = sum(waiting.values())
        if self._owned and not self.lag:
            self.progressed_at_s = time.monotonic()

    def bury(
        self, record: RawRecord, *, code: str, message: str, entity_ids: Sequence[str] = ()
    ) -> None:
        """Keep a dead letter of an owned partition; raise `OwnershipLost` where it is no more."""
        cursor = self._owned[record.topic, record.partition]
        # A former owner that wakes up may see states that the next one did not: it buries nothing.
        self._patience(partial(self._cursors.confirm, cursor))
        log.warning("reaction.dead_letter", group=self.group, code=code, offset=record.offset)
        bury = partial(self._letters.bury, record, code=code, message=message)
        self._patience(partial(bury, entity_ids=entity_ids))

    def crashed(self, record: RawRecord) -> int:
        """Count a crash on a record; return how many there were."""
        return self._patience(partial(self._letters.crashed, record))

    def _assigned(self, places: Sequence[Place]) -> None:
        for topic, partition in places:
            cursor = self._patience(partial(self._cursors.claim, topic, partition))
            buried = partial(self._letters.buried, topic, partition)
            self._buried[cursor.place] = self._patience(
                partial(buried, from_offset=cursor.next_offset)
            )
            self._owned[cursor.place] = cursor
            self._source.seek(cursor.place, cursor.next_offset)

    def _revoked(self, places: Sequence[Place]) -> None:
        for place in places:
            self._owned.pop(place, None)
            self._buried.pop(place, None)

    def _handle(self, records: Sequence[RawRecord]) -> None:
        before = dict(self._owned)
        admitted = [each for each in map(self._admit, records) if each is not None]
        reached("reaction.effect.before")
        self._applier.apply(admitted)
        reached("reaction.effect.after")
        moved = [cursor for place, cursor in self._owned.items() if before.get(place) != cursor]
        reached("reaction.cursor.before")
        self._patience(lambda: self._cursors.move(moved))
        reached("reaction.cursor.after")
        self._observe(admitted, before, moved)

    def _admit(self, record: RawRecord) -> Admitted | None:
        """Return the event where something is to be done; move the cursor in memory."""
        cursor = self._owned.get((record.topic, record.partition))
        if cursor is None:
            return None
        _expect_onward(cursor, record)
        sequence = sequence_of(record)
        event_id = _header(record, "ce_id")
        self._owned[cursor.place] = cursor.past(record)
        if sequence is None:
            self.bury(record, code="contract.missing_header", message="no readable ce_sequence")
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

    def _read(self, record: RawRecord) -> Admitted | None:
        """Return a due event, or None where nothing is to be done or a letter decided it."""
        type_ = _header(record, "ce_type")
        if type_ in PAYLOAD_BY_TYPE and not self._reaction.handles(type_):
            return None
        buried = self._buried.get((record.topic, record.partition), NOTHING)
        spared = buried.get(record.offset)
        if spared is not None and not spared:
            return None
        event = self._applier.read(record)
        if event is None or not self._reaction.handles(event.type):
            return None
        return Admitted(record, event, spared or frozenset())

    def _observe(
        self,
        admitted: Sequence[Admitted],
        before: dict[Place, Cursor],
        moved: Sequence[Cursor],
    ) -> None:
        self.progressed_at_s = time.monotonic()
        now = datetime.now(UTC)
        for each in admitted:
            age_s = (now - each.event.recorded_time).total_seconds()
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


def _expect_onward(cursor: Cursor, record: RawRecord) -> None:
    """A source that was sought never gives an earlier record, but for a topic made anew."""
    if record.offset < cursor.next_offset:
        raise SequenceBroken(f"{cursor.place}: {record.offset} follows {cursor.next_offset - 1}")


def _expect_same(cursor: Cursor, sequence: int, event_id: str) -> None:
    """The newest sequence under another id is another history: a restored database."""
    if sequence == cursor.last_sequence and event_id != cursor.last_id:
        raise SequenceBroken(f"{cursor.place}: {sequence} names two events")

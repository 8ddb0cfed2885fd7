"""Each entry is in each row once, however owners are killed, paused and overtaken."""

import random
import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.clock import ManualClock
from shared.kernel.ledger import Entry, Unit, transfer
from shared.posting.batch import Place, place_of, summed
from shared.posting.poster import Poster
from tests.fakes.posting import InMemoryLedgers, InMemoryPostingLog, InMemoryRows

NOW = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
PAPER = Unit("g", "cardboard")


def entry(name, amount, *, source="household/1", target="vehicle/1", at=NOW):
    return Entry(name, transfer(source, target, amount=amount, unit=PAPER), "weighed", at=at)


class Killed(BaseException):
    """The process ends here."""


class Schedule:
    """Lets one owner at a time take one step, drawn from a seed; kills some on the way."""

    def __init__(self, seed, *, owners):
        self._dice = random.Random(seed)
        self._turn = threading.Condition()
        self._alive = list(range(owners))
        self._now = self._dice.choice(self._alive)
        self._mine = threading.local()

    def step(self):
        """Called before each write or read; blocks until this owner is drawn."""
        owner = getattr(self._mine, "number", None)
        if owner is None:
            return
        with self._turn:
            if self._dice.random() < 0.15:  # else it goes on, so that others sleep for long
                self._now = self._dice.choice(self._alive)
            self._turn.notify_all()
            self._turn.wait_for(lambda: self._now == owner)
            if self._dice.random() < 0.005:
                raise Killed

    def run(self, work):
        """Run `work` as every owner, until all have ended."""

        def owner(number):
            self._mine.number = number
            with self._turn:
                self._turn.wait_for(lambda: self._now == number)
            try:
                work()
            except Killed:
                pass
            finally:
                with self._turn:
                    self._alive.remove(number)
                    if self._alive:
                        self._now = self._dice.choice(self._alive)
                    self._turn.notify_all()

        threads = [threading.Thread(target=owner, args=(n,)) for n in list(self._alive)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def world(step=lambda: None):
    log, ledgers, rows = InMemoryPostingLog(step), InMemoryLedgers(step), InMemoryRows(step)
    return Poster(log, ledgers, rows, ManualClock(NOW)), ledgers, rows


def expected(ledgers):
    entries = [each for held in ledgers.documents.values() for each in held.entries]
    return dict(summed(entries, otherwise_at=NOW))


def held(rows):
    return {name: dict(cells) for name, (cells, _) in rows.rows.items()}


@pytest.mark.parametrize("seed", range(400))
def test_every_entry_counts_once_in_every_row_whatever_the_schedule(seed):
    schedule = Schedule(seed, owners=3)
    poster, ledgers, rows = world(schedule.step)
    dice = random.Random(seed)

    def work():
        for turn in range(5):
            name = f"doc-{dice.randint(0, 3)}"
            ledgers.append(name, entry(f"{name}-{turn}", dice.randint(-9, 9) or 1))
            poster.post()

    schedule.run(work)
    poster.post_all()

    assert held(rows) == expected(ledgers)
    assert not any(document.unposted for document in ledgers.documents.values())


def test_nothing_waiting_is_no_batch():
    poster, _, rows = world()

    assert poster.post() == 0
    assert rows.rows == {}


def test_an_entry_that_comes_while_its_document_is_posted_waits_for_the_next_batch():
    poster, ledgers, rows = world()
    ledgers.append("doc", entry("one", 5))
    late = Counter()

    def reached(label):
        if label == "posting.rows.after" and not late[label]:
            late[label] += 1
            ledgers.append("doc", entry("two", 7))

    object.__setattr__(poster, "reached", reached)

    assert poster.post_all() == 2
    assert rows.now("vehicle/1")[0].amount == 12


def test_a_document_without_new_entries_is_settled_without_a_batch():
    poster, ledgers, _ = world()
    ledgers.append("doc", entry("one", 5))
    poster.post_all()

    ledgers.append("doc")
    posted = poster.post()

    assert (posted, ledgers.documents["doc"].unposted) == (0, False)


def test_days_and_hours_are_of_shanghai():
    late = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)  # midnight in Shanghai

    assert place_of(late) == Place("2026-12", "01", "01T00")
    assert place_of(late - timedelta(milliseconds=1)) == Place("2026-11", "30", "30T23")


def test_rows_of_all_periods_change_by_the_same_and_sum_to_zero():
    sums = summed([entry("one", 5), entry("two", 7)], otherwise_at=NOW)

    month = {"amount": 12, "days.26": 12, "hours.26T10": 12}
    taken = {cell: -amount for cell, amount in month.items()}
    assert {(name.account, name.period): cells for name, cells in sums.items()} == {
        ("vehicle/1", ""): {"amount": 12},
        ("vehicle/1", "2026-11"): month,
        ("household/1", ""): {"amount": -12},
        ("household/1", "2026-11"): taken,
    }

"""Posting over real MongoDB: the same rules as its twins, crashes at every label, balances."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import pytest

from shared.contracts.codec import Envelope
from shared.kernel.aggregate import Decision
from shared.kernel.clock import ManualClock
from shared.kernel.ledger import Entry, Unit, transfer
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.posting.balances import Balances
from shared.posting.batch import Batch, RowName
from shared.posting.mongo_balances import MongoBalances
from shared.posting.mongo_ledgers import BESIDE, MongoLedgers
from shared.posting.mongo_log import MongoPostingLog
from shared.posting.poster import Poster

pytestmark = pytest.mark.integration

NOW = datetime(2026, 11, 26, 2, 30, tzinfo=UTC)
PAPER = Unit("g", "cardboard")
LABELS = (
    "posting.decide.before",
    "posting.rows.before",
    "posting.rows.after",
    "posting.mark.after",
)


class Crash(BaseException):
    """The process ends here."""


@dataclass(frozen=True, slots=True)
class Book:
    """A state with entries."""

    name: str
    entries: tuple[Entry, ...] = ()


def silent(event) -> Envelope:
    raise AssertionError(event)


class House:
    def __init__(self, database):
        self.books = MongoAggregates(
            database["books"], kind="book", state_type=Book, announce=silent, beside=BESIDE
        )
        self.ledgers = MongoLedgers([database["books"]])
        self.rows = MongoBalances(database["balances"])
        self.log = MongoPostingLog(database["postings"])
        self.balances = Balances(self.rows, self.ledgers)
        self.ledgers.prepare()
        self.rows.prepare()
        self.crash_at = None
        self.poster = Poster(
            self.log, self.ledgers, self.rows, ManualClock(NOW), reached=self._reached
        )

    def _reached(self, label):
        if label == self.crash_at:
            self.crash_at = None
            raise Crash

    def write(self, name, amount, *, at=NOW, target="vehicle/1"):
        """A service's own change: one more entry."""

        def decide(held):
            moved = transfer("household/1", target, amount=amount, unit=PAPER)
            entry = Entry(f"{name}-{len(held.entries)}", moved, "weighed", at=at)
            return Decision(replace(held, entries=(*held.entries, entry)))

        if not self.books.get_many([name]):
            self.books.create(name, Decision(Book(name)))
        self.books.change(name, decide)

    def amount(self, account="vehicle/1", **at):
        found = self.balances.at(at["at"], account) if at else self.balances.now(account)
        return sum(each.amount for each in found)


@pytest.fixture
def house(fresh_database):
    return House(fresh_database)


def test_entries_of_many_documents_come_into_the_rows_once(house):
    for number in range(5):
        house.write(f"book-{number}", 10)
    house.write("book-0", 3)

    posted = [house.poster.post_all(), house.poster.post_all()]

    assert posted == [5, 0]
    assert (house.amount(), house.amount("household/1")) == (53, -53)
    assert house.rows.total() == {("g", "cardboard"): 0}


@pytest.mark.parametrize("label", LABELS)
def test_a_crash_at_any_step_is_healed_by_the_next_owner(house, label):
    house.write("book-1", 10)
    house.write("book-2", 20)
    house.crash_at = label
    with pytest.raises(Crash):
        house.poster.post()
    house.write("book-1", 5)

    house.poster.post_all()

    assert house.amount() == 35


def test_an_owner_that_slept_through_a_batch_is_dropped(house):
    house.write("book-1", 10)
    late = Batch(1, (), {RowName("vehicle/1", "g", "cardboard", ""): {"amount": 10}})
    house.poster.post_all()
    house.write("book-1", 5)
    house.poster.post_all()

    assert house.log.decide(late) is False
    assert house.log.batch(1) is None
    assert house.amount() == 15


def test_a_balance_at_any_time_is_exact_to_the_millisecond(house):
    moments = [NOW - timedelta(days=40), NOW - timedelta(days=2), NOW - timedelta(hours=3), NOW]
    for number, at in enumerate(moments):
        house.write(f"book-{number}", 10**number, at=at)
    house.poster.post_all()

    just_before = [house.amount(at=at - timedelta(milliseconds=1)) for at in moments]
    then = [house.amount(at=at) for at in moments]

    assert just_before == [0, 1, 11, 111]
    assert then == [1, 11, 111, 1111]


def test_all_accounts_of_a_prefix_are_read_and_no_others(house):
    for target in ("place/a", "place/b", "places", "vehicle/1"):
        house.write(target.replace("/", "-"), 1, target=target)
    house.poster.post_all()

    found = house.balances.now("place/", is_prefix=True)

    assert [each.account for each in found] == ["place/a", "place/b"]


def test_a_write_that_adds_no_entry_is_settled(house):
    house.write("book-1", 10)
    house.poster.post_all()
    house.books.change("book-1", Decision)

    assert house.poster.post_all() == 0
    assert house.books.collection.count_documents({"unposted": True}) == 0

"""What a stream still has to send, and the one watcher behind all streams."""

import asyncio
from dataclasses import replace
from threading import Event

import pytest

from services.collection.domain.records import STEPS_MAX
from services.collection.domain.states import State
from services.collection.entrypoints import live_watch
from services.collection.entrypoints.live import unsent
from services.collection.entrypoints.live_watch import Watcher
from shared.kernel.aggregate import Stored
from shared.kernel.errors import Unavailable
from tests.unit.collection.builders import NOW, place
from tests.unit.collection.test_life import fresh


def assigned(times):
    pickup = fresh(State.BOOKED)
    for version in range(1, times + 1):
        pickup = pickup.assign(place(version), at=NOW).state
    return pickup


@pytest.mark.parametrize(("sent", "ids"), [(0, "1234"), (1, "234"), (4, ""), (5, "1234")])
def test_sends_the_steps_behind_the_last_one_that_was_sent(sent, ids):
    assert "".join(each.id for each in unsent(assigned(3), sent)) == ids


def test_says_how_many_steps_are_not_kept_any_more():
    pickup = assigned(STEPS_MAX + 1)  # 1 and 2 are gone

    new, resumed, late = (list(unsent(pickup, sent)) for sent in (0, 1, 2))

    assert [new[0].data.missed, resumed[0].data.missed] == [2, 1]
    assert late[0].id == "3"
    assert len(new) == len(resumed) == len(late) + 1 == STEPS_MAX + 1


class Storage:
    """Pickups with versions, and a count of questions."""

    def __init__(self):
        self.held = {}
        self.asked = 0
        self.is_away = False

    def put(self, pickup_id, version):
        self.held[pickup_id] = Stored(pickup_id, version, fresh(State.BOOKED))
        return self.held[pickup_id]

    def versions(self, ids):
        self.asked += 1
        if self.is_away:
            raise Unavailable("storage.unavailable")
        return {each: self.held[each].version for each in ids if each in self.held}

    def many(self, ids):
        return {each: self.held[each] for each in ids if each in self.held}


def watched(storage, follow):
    """Run `follow(watcher, stopping)` on a loop, with a watcher over the storage."""
    watcher = Watcher(versions=storage.versions, many=storage.many)
    return asyncio.run(follow(watcher, Event()))


def test_each_follower_of_a_pickup_gets_its_newest_state_once():
    storage = Storage()
    first = storage.put("p-1", 1)

    async def follow(watcher, stopping):
        with watcher.following(first, stopping=stopping) as one:
            storage.put("p-1", 3)
            seen = (await one.next(within_s=9)).version
            with watcher.following(first, stopping=stopping) as late:
                behind = (await late.next(within_s=9)).version
                return seen, behind, await one.next(within_s=live_watch.ASKED_EVERY_S * 2)

    assert watched(storage, follow) == (3, 3, None)


def test_one_question_serves_all_followers():
    storage = Storage()
    stored = [storage.put(f"p-{n}", 1) for n in range(50)]

    async def follow(watcher, stopping):
        contexts = [watcher.following(each, stopping=stopping) for each in stored]
        followers = [context.__enter__() for context in contexts]
        before = storage.asked
        for each in stored:
            storage.held[each.id] = replace(each, version=2)
        versions = [(await each.next(within_s=9)).version for each in followers]
        for context in contexts:
            context.__exit__(None, None, None)
        return versions, storage.asked - before

    versions, asked = watched(storage, follow)

    assert versions == [2] * 50
    assert asked <= 2


def test_waits_while_the_storage_is_away_and_goes_on_then():
    storage = Storage()
    storage.is_away = True

    async def follow(watcher, stopping):
        with watcher.following(storage.put("p-1", 1), stopping=stopping) as one:
            while storage.asked < 2:
                assert await one.next(within_s=0.05) is None
            storage.is_away = False
            storage.put("p-1", 2)
            return (await one.next(within_s=9)).version

    assert watched(storage, follow) == 2


def test_ends_its_followers_when_the_pickup_is_gone_or_the_process_ends():
    storage = Storage()

    async def follow(watcher, stopping):
        first = storage.put("p-1", 1)
        with watcher.following(first, stopping=stopping) as gone:
            storage.held.clear()
            answers = [await asyncio.wait_for(gone.next(within_s=99), 9)]
        with watcher.following(storage.put("p-1", 1), stopping=stopping) as stopped:
            stopping.set()
            answers.append(await asyncio.wait_for(stopped.next(within_s=99), 9))
        return answers

    assert watched(storage, follow) == [None, None]

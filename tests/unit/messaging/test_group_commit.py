"""Group commit: nobody waits for company, each has its own outcome, and no write is lost."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from shared.kernel.errors import Unavailable
from shared.messaging.group_commit import AT_MOST, PATIENCE_S, GroupCommit
from tests.polling import eventually


class Log:
    """Writes numbers; the first command waits until it may go on."""

    def __init__(self, *, is_open=False):
        self.groups = []
        self.may_go_on = Event()
        if is_open:
            self.may_go_on.set()

    def write_all(self, numbers):
        self.groups.append(list(numbers))
        assert self.may_go_on.wait(20)
        if 13 in numbers:
            raise OSError("of all of them")
        return [ValueError(number) if number < 0 else number % 2 == 0 for number in numbers]


def together(first, *rest, takes_s=0.0):
    """Write `first`, and `rest` while that is under way; return the groups and all outcomes."""
    log = Log()
    now_s = [100.0]
    group = GroupCommit(log.write_all, clock_s=lambda: now_s[0])
    with ThreadPoolExecutor(len(rest) + 1) as pool:
        ahead = pool.submit(group.write, first)
        eventually(lambda: log.groups)
        behind = [pool.submit(group.write, number) for number in rest]
        eventually(lambda: len(group._waiting) == len(rest))
        now_s[0] += takes_s
        log.may_go_on.set()
        outcomes = [done.exception(20) or done.result() for done in (ahead, *behind)]
    return log.groups, outcomes


def test_a_write_that_finds_none_under_way_goes_alone_and_at_once():
    log = Log(is_open=True)
    group = GroupCommit(log.write_all)

    assert [group.write(number) for number in (1, 2, 3)] == [False, True, False]

    assert log.groups == [[1], [2], [3]]


def test_who_comes_while_one_is_under_way_goes_with_the_next():
    groups, outcomes = together(1, 2, 3, 4)

    assert (groups[0], sorted(groups[1])) == ([1], [2, 3, 4])
    assert outcomes == [False, True, False, True]


def test_each_has_its_own_outcome():
    _, outcomes = together(1, -2, 4)

    assert (outcomes[0], outcomes[2]) == (False, True)
    assert isinstance(outcomes[1], ValueError)


def test_what_is_raised_is_raised_for_all_of_a_group_and_not_for_the_next():
    groups, outcomes = together(1, *[13] * 3)
    log = Log(is_open=True)
    group = GroupCommit(log.write_all)
    with pytest.raises(OSError, match="of all"):
        group.write(13)

    assert len(groups) == 2
    assert [type(each) for each in outcomes] == [bool, OSError, OSError, OSError]
    assert group.write(2)


def test_nobody_waits_for_ever_and_who_is_refused_was_not_written():
    groups, outcomes = together(1, 2, 4, takes_s=PATIENCE_S + 0.1)

    assert (groups, outcomes[0]) == ([[1]], False)
    assert [type(each) for each in outcomes[1:]] == [Unavailable] * 2


def test_a_group_is_bounded():
    groups, outcomes = together(*range(100, 100 + AT_MOST + 9))

    assert [len(each) for each in groups] == [1, AT_MOST, 8]
    assert outcomes == [number % 2 == 0 for number in range(100, 100 + AT_MOST + 9)]


def test_every_write_of_many_threads_is_made_once_and_in_its_threads_order():
    log = Log(is_open=True)
    group = GroupCommit(log.write_all)
    numbers = [range(thread * 1_000, thread * 1_000 + 200) for thread in range(1, 17)]

    with ThreadPoolExecutor(16) as pool:
        made = list(pool.map(lambda own: [group.write(number) for number in own], numbers))

    assert made == [[number % 2 == 0 for number in own] for own in numbers]
    written = [number for each in log.groups for number in each]
    assert [[n for n in written if n in own] for own in numbers] == [list(own) for own in numbers]

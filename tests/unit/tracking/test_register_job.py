"""Registers as a job: its states, limits, leases and crashes; one file, whoever made it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from services.tracking.application.register_desk import Asker, file_of, order_register, register_of
from services.tracking.domain.register import (
    ATTEMPTS_MAX,
    OPEN_OF_PERSON_MAX,
    TRANSITIONS,
    Format,
    Kind,
    Progress,
)
from shared.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.unit.tracking.builders import request
from tests.unit.tracking.register_fakes import INCOMING, NOW, TODAY, Bureau, Crash, FakeLines, line

OPERATOR = Asker("operator-1", is_operator=True, area_code=None)
FUZHOU = Asker("regulator-1", is_operator=False, area_code="3501")
LABELS = (
    "register.claim.after",
    "register.line.after",
    "register.file.after",
    "register.finish.after",
)


@pytest.fixture
def bureau():
    return Bureau([FakeLines([line(n) for n in range(1, 30)]), FakeLines([line(99, -7)])])


def ask(bureau, name="r-1", order=INCOMING, asker=OPERATOR):
    made = order_register(name, order, asker, registry=bureau.registry, request=request(name))
    return made.state


def state(bureau, name="r-1"):
    return bureau.queue.get(name).state


def test_goes_from_queued_to_ready_and_then_expires(bureau):
    queued = ask(bureau)
    bureau.work()
    ready, content = state(bureau), bureau.file("r-1")
    bureau.pass_(hours=24)
    seen_late = ready.progress_at(bureau.real_clock.now())
    bureau.work()

    assert (queued.progress, ready.progress, ready.rows) == (Progress.QUEUED, Progress.READY, 30)
    assert (ready.blob.size_bytes, content.count(b"\r\n")) == (len(content), 31)
    assert (ready.hold, ready.seat, ready.lease_until) == (None, None, None)
    assert (seen_late, state(bureau).progress) == (Progress.EXPIRED, Progress.EXPIRED)
    assert bureau.blobs.parts == {}


def test_every_state_but_the_last_ones_is_left_by_a_step_of_the_table():
    left = {before for before, _ in TRANSITIONS}

    assert set(Progress) - left == {Progress.FAILED, Progress.EXPIRED}
    assert {*TRANSITIONS.values(), Progress.QUEUED} == set(Progress)


@pytest.mark.parametrize("label", LABELS)
def test_a_worker_that_dies_at_any_step_leaves_one_whole_file(bureau, label):
    ask(bureau)
    bureau.crash_at = label
    with pytest.raises(Crash):
        bureau.work()
    idle = bureau.work()  # the lease is not over yet
    bureau.pass_(seconds=60)
    bureau.work()

    whole = Bureau(bureau.sources)
    ask(whole)
    whole.work()
    assert idle == 0
    assert (state(bureau).progress, state(bureau).rows) == (Progress.READY, 30)
    assert bureau.file("r-1") == whole.file("r-1")


def test_a_worker_that_was_paused_past_its_lease_changes_nothing(bureau):
    def overtake(each):
        if each.line_id == "e-5/0":
            bureau.sources[0].before = None
            bureau.pass_(seconds=61)
            bureau.work()

    bureau.sources[0].before = overtake
    ask(bureau)
    bureau.work()

    assert (state(bureau).attempt, state(bureau).blob.blob_id) == (2, "r-1.2")
    assert set(bureau.blobs.parts) == {"r-1.2"}


def test_a_long_job_keeps_its_lease(bureau):
    bureau.sources[:] = [
        FakeLines([line(n) for n in range(1, 900)], before=lambda _: bureau.pass_(seconds=0.1))
    ]
    ask(bureau)
    bureau.work()

    assert (state(bureau).progress, state(bureau).attempt) == (Progress.READY, 1)


def test_what_kills_every_worker_is_given_up(bureau):
    ask(bureau)
    for _ in range(ATTEMPTS_MAX):
        bureau.crash_at = "register.line.after"
        with pytest.raises(Crash):
            bureau.work()
        bureau.pass_(seconds=60)
    bureau.work()

    assert (state(bureau).progress, state(bureau).why) == (Progress.FAILED, "registers.given_up")


def test_too_many_rows_are_refused_and_no_file_is_cut_short(bureau):
    bureau.sources[:] = [FakeLines([line(n) for n in range(1, 1_002)])]
    ask(bureau)
    bureau.work()

    assert (state(bureau).progress, state(bureau).why) == (
        Progress.FAILED,
        "registers.too_many_rows",
    )
    assert bureau.blobs.parts == {}


def test_just_as_many_rows_as_may_be_are_a_file(bureau):
    bureau.sources[:] = [FakeLines([line(n) for n in range(1, 1_001)])]
    ask(bureau)
    bureau.work()

    assert state(bureau).rows == 1_000


def test_a_person_has_a_few_open_ones_and_then_others_again(bureau):
    for number in range(OPEN_OF_PERSON_MAX):
        ask(bureau, f"r-{number}")
    with pytest.raises(Conflict) as refused:
        ask(bureau, "r-more")
    ask(bureau, "r-other", asker=FUZHOU)
    repeat = ask(bureau, "r-0")
    bureau.work()

    assert refused.value.code == "registers.too_many"
    assert repeat.register_id == "r-0"
    assert ask(bureau, "r-more").progress is Progress.QUEUED


def test_so_many_run_at_once_and_no_more(bureau):
    for number in range(3):
        ask(bureau, f"r-{number}")
    until = NOW + timedelta(minutes=1)

    claimed = [bureau.queue.claim(now=NOW, until=until) for _ in range(3)]

    assert [each and each.seat for each in claimed] == [1, 2, None]


@pytest.mark.parametrize(
    ("first", "last"), [(1, 0), (-366, 0), (0, 1)], ids=["backwards", "too long", "to come"]
)
def test_a_period_is_a_year_at_most_and_over_or_today(bureau, first, last):
    days = (TODAY + timedelta(days=first), TODAY + timedelta(days=last))

    with pytest.raises(Invalid) as refused:
        ask(bureau, order=replace(INCOMING, first_day=days[0], last_day=days[1]))

    assert refused.value.code == "registers.period"


def test_a_regulator_has_the_own_area_and_nobody_elses(bureau):
    own = ask(bureau, "r-1", asker=FUZHOU)
    part = ask(bureau, "r-2", replace(INCOMING, division="350102"), FUZHOU)
    for wanted in ("35", "3502", "350"):
        with pytest.raises(Forbidden) as refused:
            ask(bureau, "r-3", replace(INCOMING, division=wanted), FUZHOU)

    assert (own.order.division, part.order.division) == ("3501", "350102")
    assert refused.value.code == "registers.area"


def test_lines_elsewhere_or_nowhere_are_not_in_an_areas_register(bureau):
    elsewhere = [line(1), line(2, division="350203001001"), line(3, division="")]
    bureau.sources[:] = [FakeLines(elsewhere)]
    ask(bureau, "r-1", asker=FUZHOU)
    ask(bureau, "r-2", replace(INCOMING, place_id="port"))
    bureau.work()

    assert (state(bureau, "r-1").rows, state(bureau, "r-2").rows) == (1, 0)
    assert b"p-1" in bureau.file("r-1")


def test_who_did_not_ask_or_was_given_another_area_does_not_see_it(bureau):
    ask(bureau, "r-1", asker=FUZHOU)
    others = [replace(FUZHOU, subject="regulator-2"), replace(FUZHOU, area_code="3502")]

    for asker in others:
        with pytest.raises(NotFound):
            register_of("r-1", asker, registry=bureau.registry)

    for asker in (FUZHOU, OPERATOR):
        assert register_of("r-1", asker, registry=bureau.registry).id == "r-1"


def test_there_is_a_file_only_while_it_is_ready(bureau):
    ask(bureau)
    with pytest.raises(NotFound):
        file_of("r-1", registry=bureau.registry)
    bureau.work()
    _, blob = file_of("r-1", registry=bureau.registry)
    bureau.pass_(hours=24)
    with pytest.raises(NotFound):
        file_of("r-1", registry=bureau.registry)

    assert blob.blob_id == "r-1.1"


def test_parts_outlive_the_file_and_then_go_by_themselves(bureau):
    ask(bureau)
    bureau.work()

    assert bureau.blobs.gone_at["r-1.1"] > state(bureau).expires_at


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("format_", Format)
def test_each_register_in_each_format_is_the_same_bytes_each_time(kind, format_):
    files = []
    for name in ("r-1", "r-2"):
        bureau = Bureau([FakeLines([line(2, -3), line(1)])])
        bureau.pass_(hours=int(name[-1]))
        ask(bureau, name, replace(INCOMING, kind=kind, format=format_))
        bureau.work()
        files.append(bureau.file(name))

    assert files[0] == files[1]

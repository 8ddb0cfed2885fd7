"""The life of a drive, by its table: every order of acts, and what the docs say of it."""

import re
from contextlib import suppress
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.collection.domain.drive import Drive
from services.collection.domain.drive_states import (
    AHEAD,
    DRIVE_TERM,
    DRIVE_TRANSITIONS,
    ENDED,
    RUNNING,
    DriveAct,
    DriveState,
)
from services.collection.domain.totals import DriveTotals
from shared.kernel.errors import Conflict
from tests.architecture.source_tree import ROOT
from tests.unit.collection.drive_builders import BEGIN, END, NOW, SITE, STAND_IN, terms

LATE = END + timedelta(days=1)


def totals(told):
    return DriveTotals(visits=told, mass_g=told * 100, told=told)


def called(drive):
    """The time calls the stand-in only once, and only of an unopened drive."""
    possible = drive.state in AHEAD and drive.called_at is None
    return drive.watch(now=BEGIN + timedelta(minutes=30)) if possible else refused(drive)


def missed(drive):
    waited = drive if drive.state not in AHEAD or drive.called_at else called(drive).state
    return waited.watch(now=LATE) if drive.state in AHEAD else refused(drive)


def revised(drive, told):
    return drive.revise(totals(told), now=LATE) or refused(drive)


def refused(drive):
    raise Conflict("drive.not_possible")


ACTS = {
    DriveAct.ANNOUNCE: lambda drive, _: drive.announce(now=NOW),
    DriveAct.APPOINT: lambda drive, _: drive.appoint("collector-3", now=NOW),
    DriveAct.CALL_STAND_IN: lambda drive, _: called(drive),
    DriveAct.OPEN: lambda drive, _: drive.open(drive.collector_id, at=BEGIN),
    DriveAct.CLOSE: lambda drive, _: drive.close(by="collector", now=END),
    DriveAct.FINISH: lambda drive, told: drive.finish(totals(told), now=END),
    DriveAct.ABORT: lambda drive, told: drive.abort("storm", totals(told), now=END),
    DriveAct.CANCEL: lambda drive, _: drive.cancel("weather", now=NOW),
    DriveAct.MISS: lambda drive, _: missed(drive),
    DriveAct.REVISE: revised,
}


def planned():
    return Drive(
        drive_id="drive-1",
        site=SITE,
        terms=terms(stand_in_id=STAND_IN),
        window_start=BEGIN,
        window_end=END,
        state=DriveState.PLANNED,
        collector_id="collector-1",
        planned_at=NOW,
    )


def attempt(drive, act, told):
    with suppress(Conflict):
        return ACTS[act](drive, told).state
    return None


@given(st.lists(st.sampled_from(list(DriveAct)), max_size=12))
def test_every_order_of_acts_follows_the_table(acts):
    drive = planned()
    for told, act in enumerate(acts, start=1):
        following = attempt(drive, act, told)
        named = DRIVE_TRANSITIONS.get((drive.state, act))
        if following is None:
            # The stand-in is called once; that is the one act that its own effect forbids.
            assert named is None or (act is DriveAct.CALL_STAND_IN and drive.called_at)
            continue
        assert following.state is named
        assert following.history[-1].act == act
        assert (following.revision > drive.revision) == (following.totals != drive.totals)
        drive = following


def test_each_state_belongs_to_one_term_and_can_be_reached():
    reached, waiting = {DriveState.PLANNED}, [DriveState.PLANNED]
    while waiting:
        state = waiting.pop()
        following = {to for (begin, _), to in DRIVE_TRANSITIONS.items() if begin is state}
        waiting += following - reached
        reached |= following

    assert reached == set(DriveState) == set(DRIVE_TERM)
    assert set(AHEAD) | set(RUNNING) | set(ENDED) == set(DriveState)


def test_what_has_ended_stays_ended_but_for_an_opening_that_is_told_late():
    leaving = {(begin, act) for (begin, act), to in DRIVE_TRANSITIONS.items() if begin != to}
    ends = {each for each in leaving if each[0] in ENDED}

    assert ends == {(DriveState.MISSED, DriveAct.OPEN)}


def test_the_page_of_drives_shows_the_table():
    page = (ROOT / "docs" / "drives.md").read_text(encoding="utf-8")
    shown = {("from", "act", "to")} ^ set(
        re.findall(r"^\| (\w+) \| (\w+) \| (\w+) \|$", page, flags=re.MULTILINE)
    )

    wanted = {(begin.value, act.value, to.value) for (begin, act), to in DRIVE_TRANSITIONS.items()}
    assert shown == wanted

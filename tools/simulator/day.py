"""One whole day: open, book, plan, hold drives, drive, come online, answer, seal, consign, pay."""

from collections.abc import Callable

from tools.simulator.answering import answer_scales
from tools.simulator.booking import book_all, open_city
from tools.simulator.carrying import carry, end_loads
from tools.simulator.closing import close_day
from tools.simulator.consigning import consign
from tools.simulator.drives import (
    end_drives,
    erase_visitors,
    hold_drives,
    plan_drives,
    sign_up_and_be_erased,
)
from tools.simulator.driving import drive_day
from tools.simulator.forgetting import erase_after, erase_before, prove_forgotten
from tools.simulator.keeping import resolve_quarantine, seal_containers
from tools.simulator.offline import come_online
from tools.simulator.planning import plan_day
from tools.simulator.recurring import end_series, leave_out_days
from tools.simulator.registering import register_parties, settle_crates
from tools.simulator.stage import Stage

PICKUPS_A_SOLVE_SECOND = 60
SOLVE_TIME_S_MIN = 3
SOLVE_TIME_S_MAX = 45


def run_day(stage: Stage, *, driving_begins: Callable[[], object] = lambda: None) -> None:
    """Run the day of `stage.city`; returns when the last request has its answer."""
    open_city(stage)
    register_parties(stage)
    drives = plan_drives(stage)
    book_all(stage)
    leave_out_days(stage)
    wanted_s = len(stage.city.wants) // PICKUPS_A_SOLVE_SECOND
    solve_time_s = min(SOLVE_TIME_S_MAX, max(SOLVE_TIME_S_MIN, wanted_s))
    tours = plan_day(stage, solve_time_s=solve_time_s)
    driving_begins()
    sign_up_and_be_erased(stage, drives)
    erase_before(stage, (stop["pickup_id"] for tour in tours for stop in tour["stops"]))
    hold_drives(stage, drives)
    drive_day(stage, tours)
    come_online(stage)
    end_drives(stage, drives)
    answer_scales(stage)
    erase_after(stage, "in the evening", stage.weighed)
    erase_visitors(stage, drives)
    seal_containers(stage)
    loads = consign(stage)
    close_day(stage)
    carry(stage, loads)
    settle_crates(stage)
    end_series(stage)
    erase_after(stage, "after the day", set(stage.bookings) - stage.missed)
    resolve_quarantine(stage)
    end_loads(stage, loads)
    prove_forgotten(stage)

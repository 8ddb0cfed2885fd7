"""The evening before: routing plans the day over all open bookings, and the plan is published."""

import time as real_time
from collections.abc import Callable
from typing import Any

from shared.kernel.errors import Unavailable
from tools.simulator.api import OPERATOR, Json
from tools.simulator.booking import evening_before
from tools.simulator.stage import Stage

POLL_S = 0.2
WAIT_S = 180.0


def plan_day(stage: Stage, *, solve_time_s: int) -> list[Json]:
    """Plan, publish and return the tours with their stops."""
    stage.set_clock(evening_before(stage))
    stage.progress.begin("planning", 3)
    wanted = len(stage.bookings) - len(stage.cancelled)
    _wait(lambda: _known_stops(stage) >= wanted, what="routing knows them all")
    stage.progress.step()
    day = stage.city.service_day.isoformat()
    body = {"service_day": day, "solve_time_s": solve_time_s}
    plan = stage.api.post("routing", "/v1/plans", body, caller=OPERATOR)
    path = f"/v1/plans/{plan['plan_id']}"
    _wait(lambda: _state(stage, path) in ("solved", "failed"), what="the plan is solved")
    stage.progress.step()
    stage.api.post("routing", f"{path}/publication", {}, caller=OPERATOR)
    stage.progress.step()
    listed = stage.api.get("routing", "/v1/tours", caller=OPERATOR, service_day=day)
    return [_tour(stage, each["tour_id"]) for each in listed["items"]]


def _tour(stage: Stage, tour_id: str) -> Json:
    return stage.api.get("routing", f"/v1/tours/{tour_id}", caller=OPERATOR)


def _known_stops(stage: Stage) -> int:
    facts = stage.api.get("routing", "/v1/reconciliation", caller=OPERATOR)["facts"]
    return int(facts["open_by_day"].get(stage.city.service_day.isoformat(), 0))


def _state(stage: Stage, path: str) -> str:
    return str(stage.api.get("routing", path, caller=OPERATOR)["state"])


def _wait(ask: Callable[[], Any], *, what: str) -> None:
    deadline = real_time.monotonic() + WAIT_S
    while not ask():
        if real_time.monotonic() > deadline:
            raise Unavailable("simulator.waited", f"not within {WAIT_S:.0f} s: {what}")
        real_time.sleep(POLL_S)

"""The evening before: routing plans the day over all open bookings, and the plan is published."""

from tools.simulator.api import OPERATOR, Json
from tools.simulator.booking import evening_before
from tools.simulator.stage import Stage
from tools.simulator.waiting import until

WAIT_S = 180.0


def plan_day(stage: Stage, *, solve_time_s: int) -> list[Json]:
    """Plan, publish and return the tours with their stops."""
    stage.set_clock(evening_before(stage))
    stage.progress.begin("planning", 3)
    wanted = len(stage.bookings) - len(stage.cancelled)
    until(lambda: _known_stops(stage) >= wanted, what="routing knows them all", within_s=WAIT_S)
    stage.progress.step()
    day = stage.city.service_day.isoformat()
    body = {"service_day": day, "solve_time_s": solve_time_s}
    plan = stage.api.post("routing", "/v1/plans", body, caller=OPERATOR)
    path = f"/v1/plans/{plan['plan_id']}"
    until(
        lambda: _state(stage, path) in ("solved", "failed"),
        what="the plan is solved",
        within_s=WAIT_S,
    )
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

"""The day after: missed pickups are reported, weighings corrected, households paid."""

import time as real_time
from datetime import time, timedelta

from shared.kernel.clock import at_local
from shared.kernel.errors import Rejected
from tools.simulator.api import OPERATOR, SECOND_OPERATOR, Caller, Json
from tools.simulator.stage import Stage

SETTLED_WITHIN_S = 120.0
POLL_S = 0.1


def close_day(stage: Stage) -> None:
    """Report, correct and pay."""
    stage.set_clock(at_local(stage.city.service_day + timedelta(days=1), time(10)))
    stage.each("missed reports", sorted(stage.missed), lambda each: _report(stage, each))
    weighed = sorted(stage.weighed, key=lambda each: stage.bookings[each].number)
    wrong = [each for each in weighed if _drawn(stage, "wrong", each, stage.noise.corrected)]
    stage.each("corrections", wrong, lambda each: _correct(stage, each))
    paid = [each for each in weighed if _drawn(stage, "paid", each, stage.noise.paid)]
    stage.each("payouts", paid, lambda each: _pay(stage, each))


def _drawn(stage: Stage, what: str, pickup_id: str, share: float) -> bool:
    return stage.dice(what, stage.bookings[pickup_id].number).random() < share


def _report(stage: Stage, pickup_id: str) -> None:
    resident = Caller("resident", f"resident-{stage.bookings[pickup_id].number}")
    path = f"/v1/pickups/{pickup_id}/missed-reports"
    stage.api.post("collection", path, {}, caller=resident)
    stage.tally.count("missed")


def _correct(stage: Stage, pickup_id: str) -> None:
    """The scale's heaviest lot was read 10 % too high."""
    lots = [dict(lot) for lot in stage.weighed[pickup_id]["weighing"]["lots"]]
    heaviest = max(lots, key=lambda lot: int(lot["mass_g"]))
    less_g = int(heaviest["mass_g"]) // 10
    heaviest["mass_g"] = int(heaviest["mass_g"]) - less_g
    body = {"supersedes": 1, "lots": [_sent(lot) for lot in lots], "reason": "scale-misread"}
    path = f"/v1/pickups/{pickup_id}/corrections"
    stage.api.post("collection", path, body, caller=OPERATOR)
    stage.api.post("collection", f"{path}/1/approval", {}, caller=SECOND_OPERATOR)
    stage.tally.count("corrected")
    stage.tally.weigh(str(heaviest["material"]), -less_g)


def _sent(lot: Json) -> Json:
    wanted = ("material", "grade", "mass_g", "contamination_bp", "container_tag", "condition")
    return {name: lot[name] for name in wanted if lot.get(name) is not None}


def _pay(stage: Stage, pickup_id: str) -> None:
    """Pay what is open, once it is settled: settlement follows the weighing by reaction."""
    path = f"/v1/settlements/{pickup_id}"
    deadline = real_time.monotonic() + SETTLED_WITHIN_S
    while True:
        try:
            settlement = stage.api.get("pricing", path, caller=OPERATOR)
            break
        except Rejected:
            if real_time.monotonic() > deadline:
                raise
            real_time.sleep(POLL_S)
    if settlement.get("pending_fen"):
        stage.allowed(lambda: stage.api.post("pricing", f"{path}/payments", {}, caller=OPERATOR))
        stage.tally.count("payouts")

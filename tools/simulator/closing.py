"""The day after: missed pickups reported, disputes decided, weighings corrected, payouts."""

from datetime import time, timedelta

from shared.kernel.clock import at_local
from shared.kernel.errors import Rejected
from tools.simulator.answering import decide_disputes
from tools.simulator.api import OPERATOR, Json
from tools.simulator.correcting import correct
from tools.simulator.stage import Stage
from tools.simulator.waiting import until


def close_day(stage: Stage) -> None:
    """Report, decide, correct and pay."""
    stage.set_clock(at_local(stage.city.service_day + timedelta(days=1), time(10)))
    stage.each("missed reports", sorted(stage.missed), lambda each: _report(stage, each))
    decide_disputes(stage)
    weighed = sorted(stage.weighed, key=lambda each: stage.bookings[each].number)
    settled = [each for each in weighed if each not in stage.disputed]
    wrong = [each for each in settled if _drawn(stage, "wrong", each, stage.noise.corrected)]
    stage.each("corrections", wrong, lambda each: correct(stage, each, reason="scale-misread"))
    paid = [each for each in weighed if _drawn(stage, "paid", each, stage.noise.paid)]
    stage.each("payouts", paid, lambda each: _pay(stage, each))


def _drawn(stage: Stage, what: str, pickup_id: str, share: float) -> bool:
    return stage.dice(what, stage.bookings[pickup_id].number).random() < share


def _report(stage: Stage, pickup_id: str) -> None:
    resident = stage.person(stage.bookings[pickup_id].number).caller
    path = f"/v1/pickups/{pickup_id}/missed-reports"
    stage.api.post("collection", path, {}, caller=resident)
    stage.tally.count("missed")


def _pay(stage: Stage, pickup_id: str) -> None:
    """Pay what is open, once it is settled: settlement follows the weighing by reaction."""
    path = f"/v1/settlements/{pickup_id}"
    until(lambda: _settlement(stage, path) is not None, what="a weigh-in is settled")
    if (_settlement(stage, path) or {}).get("pending_fen"):
        stage.allowed(lambda: stage.api.post("pricing", f"{path}/payments", {}, caller=OPERATOR))
        stage.tally.count("payouts")


def _settlement(stage: Stage, path: str) -> Json | None:
    try:
        return stage.api.get("pricing", path, caller=OPERATOR)
    except Rejected:
        return None

"""The evening: households confirm what the scale said, or dispute it, and the city decides."""

from tools.simulator.api import OPERATOR
from tools.simulator.correcting import correct
from tools.simulator.stage import Stage


def answer_scales(stage: Stage) -> None:
    """Let some households confirm and some dispute; the others' weigh-ins stand after 24 h."""
    present = [each for each in stage.weighed if stage.bookings[each].number not in stage.erasures]
    weighed = sorted(present, key=lambda each: stage.bookings[each].number)
    stage.each("households answer", weighed, lambda each: _answer(stage, each))


def decide_disputes(stage: Stage) -> None:
    """Uphold some disputed weigh-ins, correct the others: two persons for each."""
    stage.each("disputes", sorted(stage.disputed), lambda each: _decide(stage, each))


def _answer(stage: Stage, pickup_id: str) -> None:
    number = stage.bookings[pickup_id].number
    draw = stage.dice("answer", number).random()
    resident = stage.person(number).caller
    path = f"/v1/pickups/{pickup_id}"
    if draw < stage.noise.disputed:
        body = {"reason": "weight-too-low"}
        stage.api.post("collection", f"{path}/disputes", body, caller=resident)
        stage.tally.count("disputed")
        stage.disputed.add(pickup_id)
    elif draw < stage.noise.disputed + stage.noise.confirmed:
        stage.api.post("collection", f"{path}/confirmation", {}, caller=resident)
        stage.tally.count("confirmed")


def _decide(stage: Stage, pickup_id: str) -> None:
    dice = stage.dice("decision", stage.bookings[pickup_id].number)
    if dice.random() < stage.noise.upheld:
        body = {"reason": "scale-verified"}
        path = f"/v1/pickups/{pickup_id}/upholding"
        stage.api.post("collection", path, body, caller=OPERATOR)
        stage.tally.count("upheld")
    else:
        correct(stage, pickup_id, reason="dispute-granted")

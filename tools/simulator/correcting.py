"""Two persons of the city correct a weigh-in: one proposes the whole new list, one approves."""

from tools.simulator.api import OPERATOR, SECOND_OPERATOR, Json
from tools.simulator.stage import Stage

SENT = ("material", "grade", "mass_g", "contamination_bp", "container_tag", "condition")


def correct(stage: Stage, pickup_id: str, *, reason: str) -> None:
    """Take a tenth off the heaviest lot: its scale was read wrongly."""
    lots = [dict(lot) for lot in stage.weighed[pickup_id]["weighing"]["lots"]]
    heaviest = max(lots, key=lambda lot: int(lot["mass_g"]))
    less_g = int(heaviest["mass_g"]) // 10
    heaviest["mass_g"] = int(heaviest["mass_g"]) - less_g
    body = {"supersedes": 1, "lots": [_sent(lot) for lot in lots], "reason": reason}
    path = f"/v1/pickups/{pickup_id}/corrections"
    stage.api.post("collection", path, body, caller=OPERATOR)
    stage.api.post("collection", f"{path}/1/approval", {}, caller=SECOND_OPERATOR)
    stage.tally.count("corrected")
    stage.tally.weigh(str(heaviest["material"]), -less_g)


def _sent(lot: Json) -> Json:
    return {name: lot[name] for name in SENT if lot.get(name) is not None}

"""At a gate: the receiver's verdicts, an alternate's acceptance, and the outlet's own receipt."""

from datetime import time

from tools.simulator.api import OPERATOR, Json
from tools.simulator.consigning import Load
from tools.simulator.stage import Stage
from tools.simulator.trade import tell, the_day_after, trade_of

SCALE_OFF_G = 20
STEPS_A_PAGE = "200"


def decide(stage: Stage, load: Load) -> None:
    """Let the smelter decide: of batteries it refuses one container, if there are more.

    Its scale says a little less than the outlet's. All else it refuses as a whole.
    """
    trade = trade_of(stage)
    verdicts = _of_batteries(stage, load) if load.is_battery else _refusals(load)
    gate = {"party_id": trade.smelter, "place_id": trade.gate(trade.smelter)}
    body: Json = {**gate, "verdicts": verdicts}
    if not all(each["accepted"] for each in verdicts):
        body["onward"] = _onward(stage, load)
    received = tell(stage, load.consignment_id, "receptions", body, by=trade.smelter)
    _note_received(stage, received)


def accept(stage: Stage, load: Load) -> None:
    """Let the refiner accept what the smelter refused."""
    trade = trade_of(stage)
    verdicts = [_verdict(item) for item in load.items]
    gate = {"party_id": trade.refiner, "place_id": trade.gate(trade.refiner)}
    body = {**gate, "verdicts": verdicts}
    received = tell(stage, load.consignment_id, "receptions", body, by=trade.refiner)
    _note_received(stage, received)


def take_back(stage: Stage, load: Load) -> None:
    """Let the outlet give a receipt for what came back: there is nothing to refuse."""
    trade = trade_of(stage)
    weighed = [
        {"container": item["container"], "received_g": int(item["net_g"])} for item in load.items
    ]
    body = {"party_id": trade.outlet, "place_id": trade.yard, "containers": weighed}
    back = tell(stage, load.consignment_id, "receipts", body, by=trade.outlet)
    stage.tally.count("manifests_returned", back["state"] == "returned")
    stage.tally.count("manifests_returned_g", int(back["receptions"][-1]["received_g"]))


def _of_batteries(stage: Stage, load: Load) -> list[Json]:
    chosen = max(load.items, key=lambda item: _story(stage, item))
    refused = chosen["container"] if len(load.items) > 1 else None
    verdicts = [
        _verdict(item, refused="leaking" if item["container"] == refused else None)
        for item in load.items
    ]
    weighed = next(each for each in verdicts if each["accepted"])
    weighed["received_g"] = max(0, weighed["received_g"] - SCALE_OFF_G)
    return verdicts


def _story(stage: Stage, item: Json) -> tuple[int, int]:
    """Return how much there is to tell of a container: kitchens and drives, then its grams."""
    path = f"/v1/containers/{item['container']}/history"
    steps = stage.api.get("tracking", path, caller=OPERATOR, limit=STEPS_A_PAGE)["items"]
    sources = {step["source"] for step in steps if step["act"] == "fill"}
    return len(sources), int(item["net_g"])


def _refusals(load: Load) -> list[Json]:
    return [_verdict(item, refused="not-as-declared") for item in load.items]


def _verdict(item: Json, *, refused: str | None = None) -> Json:
    """Return the verdict on a container; `refused` is why, None where it is accepted."""
    verdict: Json = {"container": item["container"], "received_g": int(item["net_g"])}
    reason = {} if refused is None else {"reason": refused}
    return {**verdict, "accepted": refused is None, **reason}


def _onward(stage: Stage, load: Load) -> Json:
    """Return where refused containers go: batteries to the refiner, all else back."""
    trade = trade_of(stage)
    onward = {"expected_at": the_day_after(stage, time(19)).isoformat()}
    if not load.is_battery:
        return {**onward, "to": "consignor", "destination_place": trade.yard}
    destination = trade.gate(trade.refiner)
    wanted = {"to": "alternate", "alternate_id": trade.refiner, "destination_place": destination}
    return {**onward, **wanted}


def _note_received(stage: Stage, view: Json) -> None:
    """Count what a reception's answer says was accepted and refused."""
    told = view["receptions"][-1]
    if told["outcome"] == "refused":
        return  # it goes on, and is counted where it ends
    stage.tally.count("manifests_partly_refused", told["outcome"] == "partly-refused")
    stage.tally.count("manifests_accepted_g", int(told["accepted_g"]))
    stage.tally.count("manifests_refused_g", int(told["refused_g"]))
    stage.tally.accept(str(told["receiver_id"]), int(told["accepted_g"]))

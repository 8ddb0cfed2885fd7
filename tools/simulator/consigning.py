"""The evening at the outlet: its sealed containers are put on manifests, for the day after.

Batteries go to the smelter under a number that the outlet's phone had leased for offline use, with
two carriers. All else goes under a second manifest, of which the first writing is cancelled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from tools.simulator.api import OPERATOR, Json
from tools.simulator.stage import Stage
from tools.simulator.trade import as_party, tell, the_day_after, trade_of
from tools.simulator.waiting import until

BATTERIES = "lead-acid-batteries"
CONTAINERS_A_LOAD = "100"
DEVICE = "outlet-phone"
BLOCK = 4


@dataclass(frozen=True, slots=True)
class Load:
    """A sealed manifest. Of batteries the smelter refuses one container, of all else the whole."""

    consignment_id: str
    view: Json
    is_battery: bool

    @property
    def items(self) -> list[Json]:
        """The containers as declared, in the manifest's order."""
        return list(self.view["containers"])

    @property
    def tags(self) -> list[str]:
        """Their tags."""
        return [str(item["container"]) for item in self.items]


def consign(stage: Stage) -> list[Load]:
    """Draft and seal what stands sealed in the outlet's store; return what is to leave."""
    at_the_store = stage.api.get(
        "tracking",
        "/v1/containers",
        caller=OPERATOR,
        holder=f"place/{trade_of(stage).yard}",
        state="sealed",
        limit=CONTAINERS_A_LOAD,
    )["items"]
    batteries = [each["tag"] for each in at_the_store if each["material"] == BATTERIES]
    others = [each["tag"] for each in at_the_store if each["material"] != BATTERIES]
    loads = []
    stage.progress.begin("manifests", 2)
    if batteries:
        number = _leased(stage)
        loads.append(_sealed(stage, batteries, carriers=2, number=number))
        _give_back(stage, number)
    stage.progress.step()
    if others:
        _cancelled(stage, others)
        loads.append(_sealed(stage, others, carriers=1, number=None))
    stage.progress.step()
    return loads


def _sealed(stage: Stage, tags: Sequence[str], *, carriers: int, number: str | None) -> Load:
    consignment_id = _drafted(stage, tags, carriers=carriers, trip="first")
    body = {} if number is None else {"number": number}
    sealed = tell(stage, consignment_id, "seal", body, by=trade_of(stage).outlet)
    stage.tally.count("manifests_declared_g", int(sealed["net_g"]))
    return Load(consignment_id, sealed, carriers == 2)


def _cancelled(stage: Stage, tags: Sequence[str]) -> None:
    """Seal a manifest, think better of it, and wait until its containers are free again."""
    outlet = trade_of(stage).outlet
    consignment_id = _drafted(stage, tags, carriers=1, trip="given-up")
    sealed = tell(stage, consignment_id, "seal", {}, by=outlet)
    stage.tally.count("manifests_declared_g", int(sealed["net_g"]))
    tell(stage, consignment_id, "cancellation", {"reason": "wrong-vehicle"}, by=outlet)
    stage.tally.count("manifests_cancelled")
    for tag in tags:
        until(lambda t=tag: _is_free(stage, t), what="a cancelled manifest's container is free")  # type: ignore[misc]


def _is_free(stage: Stage, tag: str) -> bool:
    held = stage.api.get("tracking", f"/v1/containers/{tag}", caller=OPERATOR)
    return held["consignment_id"] is None


def _drafted(stage: Stage, tags: Sequence[str], *, carriers: int, trip: str) -> str:
    trade = trade_of(stage)
    planned = [the_day_after(stage, time(10, 30)), the_day_after(stage, time(12, 30))]
    named = zip(trade.carriers, planned, strict=True)
    kind = "batteries" if carriers == 2 else "others"
    body = {
        "receiver_id": trade.smelter,
        "alternate_id": trade.refiner,
        "containers": list(tags),
        "carriers": [
            {
                "carrier_id": carrier_id,
                "vehicle_id": f"truck-{carrier_id}-{kind}",
                "trip_id": f"{trip}-{carrier_id}-{kind}",
                "planned_at": at.isoformat(),
            }
            for carrier_id, at in list(named)[:carriers]
        ],
        "origin_place": trade.yard,
        "destination_place": trade.gate(trade.smelter),
        "expected_arrival_at": the_day_after(stage, time(15)).isoformat(),
        "treatment_code": "R4",
    }
    outlet = as_party(trade.outlet)
    drafted = stage.api.post("tracking", "/v1/consignments", body, caller=outlet)
    stage.tally.count("manifests_drafted")
    return str(drafted["consignment_id"])


def _leased(stage: Stage) -> str:
    """Lease numbers for a phone, spoil the second, and return the first: its block's id."""
    outlet = as_party(trade_of(stage).outlet)
    wanted = {"device_id": DEVICE, "size": BLOCK}
    block = stage.api.post("tracking", "/v1/number-blocks", wanted, caller=outlet)
    first = str(block["first"])
    spoilt = {"number": str(int(first) + 1), "reason": "form-torn"}
    stage.api.post("tracking", f"/v1/number-blocks/{first}/voids", spoilt, caller=outlet)
    return first


def _give_back(stage: Stage, block_id: str) -> None:
    outlet = as_party(trade_of(stage).outlet)
    path = f"/v1/number-blocks/{block_id}/return"
    stage.api.post("tracking", path, {"reason": "day-over"}, caller=outlet)

"""The evening: containers come to the outlet, are weighed and sealed there; quarantine is resolved.

Scales never agree, so most seals find a difference; corrections of the day after come to sealed
containers and to open ones.
"""

from functools import partial

from tools.simulator.api import OPERATOR
from tools.simulator.booking import container_tag
from tools.simulator.calibration import HAZARDOUS_MIX
from tools.simulator.city import Vehicle
from tools.simulator.consigning import BATTERIES
from tools.simulator.stage import Stage
from tools.simulator.trade import trade_of
from tools.simulator.waiting import until

SCALE_OFF_G = 30
SEALED_SHARE = 0.6
RESOLVED_A_DAY = 50


def seal_containers(stage: Stage) -> None:
    """Seal the batteries, and most of the other containers that hold something."""
    weighed = stage.tally.counts["collected"] + stage.tally.counts["visits"]
    until(lambda: _journaled(stage) >= weighed, what="tracking has all weigh-ins")
    licensed = [vehicle for vehicle in stage.city.vehicles if vehicle.licensed]
    stage.each("sealing", licensed, lambda vehicle: _seal_all(stage, vehicle))


def resolve_quarantine(stage: Stage) -> None:
    """Put what waits in quarantine into the facility's store for stray waste."""
    listed = stage.api.get("tracking", "/v1/quarantine", caller=OPERATOR, limit=str(RESOLVED_A_DAY))
    stage.each("quarantine", listed["items"], lambda task: _resolve(stage, task["task_id"]))


def _journaled(stage: Stage) -> int:
    """Ask how many weigh-ins are in the mass ledger: what comes later finds its container shut."""
    books = stage.api.get("tracking", "/v1/reconciliation", caller=OPERATOR)
    return int(books["facts"]["journals"])


def _seal_all(stage: Stage, vehicle: Vehicle) -> None:
    for material, _ in HAZARDOUS_MIX:
        tag = container_tag(vehicle.vehicle_id, material)
        dice = stage.dice("seal", tag)
        container = stage.api.get("tracking", f"/v1/containers/{tag}", caller=OPERATOR)
        chosen = material == BATTERIES or dice.random() < SEALED_SHARE
        if container["content_g"] and chosen:
            off_g = dice.randint(-SCALE_OFF_G, SCALE_OFF_G)
            gross_g = max(0, container["content_g"] + off_g) + container["tare_g"]
            yard = trade_of(stage).yard
            body = {"gross_g": gross_g, "scale_id": f"scale-{yard}", "place_id": yard}
            path = f"/v1/containers/{tag}/sealings"
            sealed = partial(stage.api.post, "tracking", path, body, caller=OPERATOR)
            if stage.allowed(sealed) is not None:
                stage.tally.count("sealed")


def _resolve(stage: Stage, task_id: str) -> None:
    body = {"resolution": "to-place", "target": "stray-store", "reason": "sorted-by-hand"}
    path = f"/v1/quarantine/{task_id}/resolutions"
    resolved = partial(stage.api.post, "tracking", path, body, caller=OPERATOR)
    if stage.allowed(resolved) is not None:
        stage.tally.count("resolved")

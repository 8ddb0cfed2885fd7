"""The evening: containers are weighed and sealed, and somebody resolves what is in quarantine.

Scales never agree, so most seals find a difference; corrections of the day after come to sealed
containers and to open ones.
"""

from functools import partial

from tools.simulator.api import OPERATOR
from tools.simulator.booking import container_tag
from tools.simulator.calibration import HAZARDOUS_MIX
from tools.simulator.city import Vehicle
from tools.simulator.stage import Stage

SCALE_OFF_G = 30
SEALED_SHARE = 0.6
RESOLVED_A_DAY = 50


def seal_containers(stage: Stage) -> None:
    """Seal most of the containers that hold something."""
    licensed = [vehicle for vehicle in stage.city.vehicles if vehicle.licensed]
    stage.each("sealing", licensed, lambda vehicle: _seal_all(stage, vehicle))


def resolve_quarantine(stage: Stage) -> None:
    """Put what waits in quarantine into the facility's store for stray waste."""
    listed = stage.api.get("tracking", "/v1/quarantine", caller=OPERATOR, limit=str(RESOLVED_A_DAY))
    stage.each("quarantine", listed["items"], lambda task: _resolve(stage, task["task_id"]))


def _seal_all(stage: Stage, vehicle: Vehicle) -> None:
    for material, _ in HAZARDOUS_MIX:
        tag = container_tag(vehicle.vehicle_id, material)
        dice = stage.dice("seal", tag)
        container = stage.api.get("tracking", f"/v1/containers/{tag}", caller=OPERATOR)
        if container["content_g"] and dice.random() < SEALED_SHARE:
            off_g = dice.randint(-SCALE_OFF_G, SCALE_OFF_G)
            gross_g = max(0, container["content_g"] + off_g) + container["tare_g"]
            body = {"gross_g": gross_g, "scale_id": f"scale-{stage.city.facilities[0].name}"}
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

"""Scans: a collector's app gets a permit for a container's tag, and attaches it to what it weighs.

Some apps lease one ahead for the day, and so have it where there is no network.
"""

from functools import partial
from typing import Any

from tools.simulator.api import Caller, Json
from tools.simulator.stage import Stage

LEASED_AHEAD_SHARE = 0.3
SCAN_H, AHEAD_H = 1, 24


def attach_permits(stage: Stage, lots: list[Json], *, collector: Caller, offline: bool) -> None:
    """Give each lot that goes into a container a permit; an unknown tag gets none."""
    for lot in lots:
        tag = lot.get("container_tag")
        permit = tag and _permit(stage, str(tag), collector, offline=offline)
        if permit:
            lot["permit"] = permit
            stage.tally.count("permits")


def lease_ahead(stage: Stage, tag: str, *, collector: Caller) -> None:
    """Scan a tag in the morning, for what will be weighed where there is no network."""
    _permit(stage, tag, collector, offline=True)


def _permit(stage: Stage, tag: str, collector: Caller, *, offline: bool) -> str | None:
    key = (collector.subject, tag)
    ahead = offline or stage.dice("lease", *key).random() < LEASED_AHEAD_SHARE
    if ahead and key in stage.permits:
        return stage.permits[key]
    body = {"hours": AHEAD_H if ahead else SCAN_H, "device_id": f"phone-{collector.subject}"}
    path = f"/v1/containers/{tag}/permits"
    scan = partial(stage.api.post, "tracking", path, body, caller=collector)
    leased: dict[str, Any] | None = stage.allowed(scan)
    if leased is None:
        return None
    permit = str(leased["permit"])
    if ahead:
        stage.permits[key] = permit
    return permit

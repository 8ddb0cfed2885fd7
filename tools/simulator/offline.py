"""Phones that were offline all day: their weigh-ins come in the evening, whatever happened."""

from shared.kernel.errors import Rejected
from tools.simulator.api import OPERATOR, Caller, Json
from tools.simulator.stage import OfflineWeighing, Stage


def come_online(stage: Stage) -> None:
    """Send what the phones kept; the city has cancelled some of these visits meanwhile."""
    kept = sorted(stage.offline, key=lambda each: each.pickup_id)
    stage.each("offline phones", kept, lambda each: _send(stage, each))


def _send(stage: Stage, kept: OfflineWeighing) -> None:
    """Send the weigh-in: a fact beats a cancellation, which opens a review for a person."""
    number = stage.bookings[kept.pickup_id].number
    path = f"/v1/pickups/{kept.pickup_id}"
    cancelled = stage.dice("offline", number).random() < stage.noise.cancelled_meanwhile
    if cancelled:
        body = {"reason": "collector-silent"}
        stage.api.post("collection", f"{path}/cancellation", body, caller=OPERATOR)
    collector = Caller("collector", kept.collector_id)
    weighed = stage.api.post("collection", f"{path}/weigh-ins", kept.body, caller=collector)
    stage.note_weighed(kept.pickup_id, weighed)
    stage.tally.count("told_late")
    if cancelled:
        resolve_review(stage, path, "weighing.after_cancelled")
    if stage.dice("rival", number).random() < stage.noise.rival_device:
        _second_device(stage, path, kept)


def _second_device(stage: Stage, path: str, kept: OfflineWeighing) -> None:
    """Another phone of the crew tells other grams: refused, kept, and looked at by a person."""
    other: Json = {**kept.body, "gross_g": int(kept.body["gross_g"]) + 20}
    collector = Caller("collector", f"{kept.collector_id}-mate")
    try:
        stage.api.post("collection", f"{path}/weigh-ins", other, caller=collector)
    except Rejected as no:
        stage.tally.refuse(no.code)
    resolve_review(stage, path, "weighing.second")


def resolve_review(stage: Stage, path: str, code: str) -> None:
    """Let a person of the city look at what a weigh-in has opened."""
    body = {"reason": "crew-was-there"}
    stage.api.post("collection", f"{path}/reviews/{code}/resolution", body, caller=OPERATOR)
    stage.tally.count("reviews_resolved")

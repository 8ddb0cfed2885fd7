"""Following lots: off the scale, through containers and quarantine, to where they are put down."""

from dataclasses import dataclass
from datetime import datetime

from services.tracking.application.containment import Containment
from services.tracking.domain.following import offers, settled
from services.tracking.domain.journal import Journal, Ruling, TrackedLot, Unloaded, Weighed
from services.tracking.domain.weigh_in import DOOR
from shared.kernel.aggregate import Decision


@dataclass(frozen=True, slots=True)
class LotsReported:
    """A revision of a weigh-in, as an event reported it; verdicts are not in it yet.

    `at` is when this revision was made, `weighed_at` when the scale weighed first.
    """

    pickup_id: str
    community_code: str
    revision: int
    vehicle_id: str
    lots: tuple[TrackedLot, ...]
    at: datetime
    weighed_at: datetime
    source: str = DOOR
    drive_id: str | None = None


def on_lots(
    held: Journal | None, reported: LotsReported, *, containment: Containment
) -> Decision[Journal] | None:
    """Follow the lots: each hazardous one is in the container that it names, or in quarantine.

    The containers are asked before the journal is written; the answer to a repeat is the same.
    """
    before = held or Journal(reported.pickup_id, source=reported.source)
    weighed = Weighed(
        community_code=reported.community_code,
        revision=reported.revision,
        vehicle_id=reported.vehicle_id,
        lots=reported.lots,
        at=reported.at,
        weighed_at=reported.weighed_at,
        drive_id=reported.drive_id,
    )
    journal = before.weigh(weighed)
    if journal is None:
        return None
    reason = f"weighed:{weighed.revision}"
    return _followed(before, journal, reason, at=weighed.at, containment=containment)


def on_ruling(
    held: Journal | None, ruling: Ruling, *, containment: Containment
) -> Decision[Journal] | None:
    """Carry out what a person decided of a lot in quarantine; the container may refuse it."""
    journal = held.rule(ruling) if held is not None and held.weighed is not None else None
    if held is None or journal is None:
        return None
    reason = f"ruled:{ruling.task_id}:{ruling.number}"
    return _followed(held, journal, reason, at=ruling.at, containment=containment)


def on_unloaded(
    held: Journal | None, weigh_in: Journal, unloaded: Unloaded, *, containment: Containment
) -> Decision[Journal] | None:
    """Move what the vehicle carried of a weigh-in; where it is not told yet, remember."""
    journal = (held or weigh_in).unload(unloaded)
    if journal is None:
        return None
    _put_down(journal, containment=containment)
    return Decision(journal)


def _followed(
    before: Journal, journal: Journal, reason: str, *, at: datetime, containment: Containment
) -> Decision[Journal]:
    answers = containment.ask(offers(journal))
    decision = settled(before, journal, answers, reason=reason, at=at)
    _put_down(decision.state, containment=containment)
    return decision


def _put_down(journal: Journal, *, containment: Containment) -> None:
    if journal.weighed is None or journal.unloaded is None:
        return
    vehicle_id = journal.weighed.vehicle_id
    tags = {each.tag for each in journal.held if each.source_id == journal.pickup_id}
    containment.put_down(tags, vehicle_id=vehicle_id, unloaded=journal.unloaded)

"""What is learnt of containers' content after their consignment was sealed: it is worse.

The manifest stays as it was signed. Legs that have not begun are judged by what is known by then; a
person is told once of each container, because somebody may have to look at papers and vehicle.
"""

from dataclasses import replace
from datetime import datetime

from services.tracking.domain.consignment import Alarm, Consignment, Learnt
from services.tracking.domain.consignment_events import Alarmed
from services.tracking.domain.consignment_rules import Rules
from services.tracking.domain.consignment_states import TERM
from shared.kernel.aggregate import Decision

CONDITION_LEARNT = "condition-learnt"


def learn_condition(
    held: Consignment | None, learnt: Learnt, *, rules: Rules, at: datetime
) -> Decision[Consignment] | None:
    """Note it; None where it is nothing new, or the way is over."""
    if held is None or TERM[held.state] != "open" or learnt.tag not in held.manifest.tags:
        return None
    if learnt in held.learnt:
        return None
    known = replace(held, learnt=(*held.learnt, learnt))
    if any((each.code, each.about) == (CONDITION_LEARNT, learnt.tag) for each in held.alarms):
        return rules.decided(held, known)
    alarm = Alarm(CONDITION_LEARNT, learnt.tag, at)
    alarmed = replace(known, alarms=(*known.alarms, alarm))
    # Nothing is said of a draft to anybody.
    events = (Alarmed(alarmed, alarm),) if held.number is not None else ()
    return rules.decided(held, alarmed, *events)

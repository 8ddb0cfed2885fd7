"""Households are told of their visits to drives. A job of the worker; it may be repeated.

Exact as notifying.py is: marks are taken off a visit only after the intents are stored.
"""

from services.collection.application.notice_ports import Office
from services.collection.application.telling import keep
from services.collection.domain.visit_notices import visit_notices

VISITS_A_ROUND = 200


def tell_visits(*, office: Office) -> int:
    """Make the intents that visits ask for; return how many visits had some."""
    now = office.desk.clock.now()
    found = office.news.untold_visits(limit=VISITS_A_ROUND)
    notices = [notice for visit in found for notice in visit_notices(visit, now=now)]
    homes = {each.visit_id: each.household_id for each in found if each.household_id is not None}
    keep(notices, homes=homes, staff={}, office=office)
    office.desk.reached("notice.visit.before")
    office.news.visits_told(found)
    return len(found)

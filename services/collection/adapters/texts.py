"""What people are told about pickups, and which words fit which notice.

Those about drives are in drive_texts.py and visit_texts.py, how words are translated in wording.py.
"""

from collections.abc import Mapping

from services.collection.adapters import drive_texts, visit_texts
from services.collection.adapters.wording import (
    catalogue,
    day_in,
    instant_in,
    kilograms,
    marked,
    reason_in,
    time_of_day,
)
from services.collection.application.notice_ports import Thing
from services.collection.domain.intents import Intent
from services.collection.domain.judging import STANDS_AFTER
from services.collection.domain.notices import Kind
from services.collection.domain.outcomes import OPERATOR, OUTCOMES
from services.collection.domain.pickup import Pickup
from services.collection.domain.visit import Visit

REMARK, TO_OPERATORS = "remark", "outcome_to_operators"
TEMPLATES: Mapping[str, tuple[str, str]] = {
    Kind.IN_3_DAYS: (
        marked("Recycling pickup on %(day)s"),
        marked(
            "Your recycling pickup is on %(day)s between %(start)s and %(end)s. "
            "You can still change or cancel it in the app."
        ),
    ),
    Kind.IN_1_DAY: (
        marked("Reminder: recycling pickup on %(day)s"),
        marked(
            "Your recycling pickup is on %(day)s between %(start)s and %(end)s. "
            "Please have everything ready at the door."
        ),
    ),
    Kind.TWO_STOPS_AWAY: (
        marked("The collector is two stops away"),
        marked("The collector is two stops away from you. Please have everything ready."),
    ),
    Kind.OUTCOME: (
        marked("Your pickup on %(day)s could not take place"),
        marked(
            "The crew could not collect on %(day)s. Their reason: %(reason)s. "
            "The app shows what happens next."
        ),
    ),
    REMARK: (
        marked("A remark on your pickup on %(day)s"),
        marked("The crew noted on %(day)s: %(reason)s."),
    ),
    TO_OPERATORS: (
        marked("Pickup %(pickup)s: %(reason)s"),
        marked("Pickup %(pickup)s in community %(community)s on %(day)s: %(reason)s."),
    ),
    Kind.CONFIRMATION_NEEDED: (
        marked("Please confirm what was weighed"),
        marked(
            "%(mass)s kg were weighed at your pickup on %(day)s. Please confirm or dispute this "
            "in the app. It stands if you do neither until %(until)s."
        ),
    ),
    Kind.UPHELD: (
        marked("Your dispute is decided"),
        marked("What was weighed at your pickup on %(day)s was checked and stands: %(mass)s kg."),
    ),
    Kind.CORRECTED: (
        marked("What was weighed is corrected"),
        marked(
            "What was weighed at your pickup on %(day)s was checked and corrected: "
            "it is %(mass)s kg now."
        ),
    ),
    Kind.REBOOKED: (
        marked("We come again on %(day)s"),
        marked(
            "We are sorry that your last pickup did not take place. We have booked a new one for "
            "you: %(day)s between %(start)s and %(end)s."
        ),
    ),
    Kind.CANCELLED: (
        marked("Your pickup on %(day)s is cancelled"),
        marked(
            "The city had to cancel your recycling pickup on %(day)s (%(reason)s). "
            "Please book another day in the app."
        ),
    ),
}


class GettextTexts:
    """`Texts` by the compiled catalogues."""

    def words(self, intent: Intent, thing: Thing, *, language: str) -> tuple[str, str]:
        """Return subject and body."""
        translated = catalogue(language)
        if isinstance(thing, Pickup):
            subject, body = TEMPLATES[_template(intent)]
            facts = _facts(intent, thing, language=language)
        elif isinstance(thing, Visit):
            subject, body = visit_texts.TEMPLATES[intent.notice.kind]
            facts = visit_texts.facts_of(thing, language=language)
        else:
            subject, body = drive_texts.template_of(intent)
            facts = drive_texts.facts_of(intent, thing, language=language)
        return translated.gettext(subject) % facts, translated.gettext(body) % facts


def _template(intent: Intent) -> str:
    notice = intent.notice
    if notice.kind != Kind.OUTCOME:
        return notice.kind
    if notice.audience == OPERATOR:
        return TO_OPERATORS
    outcome = OUTCOMES.get(notice.about or "")
    return notice.kind if outcome is None or outcome.ends_visit else REMARK


def _facts(intent: Intent, pickup: Pickup, *, language: str) -> dict[str, str]:
    booking, weighing = pickup.booking, pickup.weighing
    facts = {
        "day": day_in(language, booking.service_day),
        "start": time_of_day(booking.window_start),
        "end": time_of_day(booking.window_end),
        "reason": reason_in(language, intent.notice.about),
        "pickup": pickup.pickup_id,
        "community": booking.community_code,
    }
    if weighing is not None:
        stands_at = (weighing.recorded_at or weighing.weighed_at) + STANDS_AFTER
        facts["mass"] = kilograms(language, weighing.lots)
        facts["until"] = instant_in(language, stands_at)
    return facts

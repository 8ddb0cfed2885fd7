"""Words: each kind of notice in each language, with its facts as people write them."""

import pytest

from services.collection.adapters.texts import LOCALE_OF, REASONS, TEMPLATES, GettextTexts
from services.collection.domain.intents import intent_of
from services.collection.domain.notices import Kind, Notice
from services.collection.domain.outcomes import OUTCOMES
from services.collection.domain.states import State
from tests.unit.collection.builders import IN_THE_WINDOW, NOW
from tests.unit.collection.test_life import fresh


def words(kind, language="en", *, about=None, audience="resident", state=State.WEIGHED):
    notice = Notice(kind, audience, "p-1", "1", IN_THE_WINDOW, about)
    intent = intent_of(notice, "r-1", now=NOW, real_now=NOW)
    return GettextTexts().words(intent, fresh(state), language=language)


@pytest.mark.parametrize("language", LOCALE_OF)
@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_words_in_every_language(kind, language):
    subject, body = words(kind, language, about="no_access")

    assert subject
    assert body
    assert "%(" not in subject + body
    assert "\n" not in subject


def test_facts_are_written_as_the_language_does():
    subjects = [words(Kind.IN_3_DAYS, language)[0] for language in ("zh-CN", "zh-TW", "en")]

    assert subjects == [
        "2026年11月26日星期四上门回收",
        "2026年11月26日 星期四到府回收",
        "Recycling pickup on Thursday, November 26, 2026",
    ]
    assert "between 08:00 and 12:00" in words(Kind.IN_1_DAY)[1]


def test_a_weigh_in_is_told_in_kilograms_and_until_when_it_may_be_disputed():
    body = words(Kind.CONFIRMATION_NEEDED)[1]

    assert body.startswith("4 kg were weighed at your pickup")
    assert "until Friday, November 27, 2026 10:30" in body  # recorded an hour after the window's


def test_every_outcome_and_reason_has_a_label():
    assert OUTCOMES.keys() <= REASONS.keys()
    assert "a delay on the tour" in words(Kind.OUTCOME, about="delay")[1]
    assert "(typhoon)" in words(Kind.CANCELLED, about="typhoon")[1]
    assert "(by decision of the city)" in words(Kind.CANCELLED, about="x-17")[1]


def test_a_remark_and_the_citys_own_notice_have_words_of_their_own():
    remark = words(Kind.OUTCOME, about="extra_item")
    staff = words(Kind.OUTCOME, about="weight_dispute", audience="operator")

    assert remark[0].startswith("A remark on your pickup")
    assert staff[0] == "Pickup p-1: the household does not agree with the weight"


def test_there_are_no_words_for_what_nobody_is_told():
    assert TEMPLATES.keys() - {*Kind} == {"remark", "outcome_to_operators"}

"""Words: each kind of notice in each language, with its facts as people write them."""

import pytest

from services.collection.adapters import drive_texts, visit_texts
from services.collection.adapters.texts import TEMPLATES, GettextTexts
from services.collection.adapters.wording import LOCALE_OF, REASONS
from services.collection.domain.drive_notices import AtDrive
from services.collection.domain.intents import intent_of
from services.collection.domain.notices import Kind, Notice, Subject, SubjectKind
from services.collection.domain.outcomes import OUTCOMES
from services.collection.domain.pickup_notices import of_pickup
from services.collection.domain.states import State
from tests.unit.collection.builders import IN_THE_WINDOW, NOW
from tests.unit.collection.drive_builders import DriveHouse, lot
from tests.unit.collection.test_life import fresh


def words(kind, language="en", *, about=None, audience="resident", state=State.WEIGHED):
    notice = Notice(kind, audience, of_pickup("p-1"), "1", IN_THE_WINDOW, about)
    intent = intent_of(notice, "r-1", now=NOW, real_now=NOW)
    return GettextTexts().words(intent, fresh(state), language=language)


def words_of_drive(kind, audience, language="en", *, about="weather"):
    subject = Subject(SubjectKind.DRIVE, "drive-1", "drive-1")
    notice = Notice(kind, audience, subject, "1", IN_THE_WINDOW, about)
    intent = intent_of(notice, "r-1", now=NOW, real_now=NOW)
    return GettextTexts().words(intent, AtDrive(DriveHouse().drive()), language=language)


@pytest.mark.parametrize("language", LOCALE_OF)
@pytest.mark.parametrize("kind", [each for each in Kind if each in TEMPLATES])
def test_every_kind_has_words_in_every_language(kind, language):
    check(*words(kind, language, about="no_access"))


@pytest.mark.parametrize("language", LOCALE_OF)
@pytest.mark.parametrize(("kind", "audience"), drive_texts.TEMPLATES)
def test_every_kind_about_a_drive_has_words_in_every_language(kind, audience, language):
    check(*words_of_drive(kind, audience, language))


@pytest.mark.parametrize("language", LOCALE_OF)
@pytest.mark.parametrize("kind", visit_texts.TEMPLATES)
def test_every_kind_about_a_visit_has_words_with_its_grams_in_every_language(kind, language):
    house = DriveHouse()
    house.open()
    visit = house.tell(lot(3_500)).state
    notice = Notice(kind, "resident", Subject(SubjectKind.VISIT, visit.visit_id), "1", NOW)
    intent = intent_of(notice, "r-1", now=NOW, real_now=NOW)

    subject, body = GettextTexts().words(intent, visit, language=language)

    check(subject, body)
    assert "3.5" in body
    assert ("recycling drive" in body) == (language == "en")


def check(subject, body):
    assert subject
    assert body
    assert "%(" not in subject + body
    assert "\n" not in subject


def test_a_called_off_drive_is_told_with_its_time_and_the_reason():
    chinese, _, english = (
        words_of_drive(Kind.DRIVE_CANCELLED, "resident", each)[1] for each in LOCALE_OF
    )

    assert chinese.startswith("2026年11月24日星期二 11:00至14:00的集中回收不再举行（天气原因）")
    assert "Tuesday, November 24, 2026 between 11:00 and 14:00" in english
    assert "(weather)" in english


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
    of_drives = {kind for kind, _ in drive_texts.TEMPLATES}
    assert {*Kind} - TEMPLATES.keys() == of_drives | visit_texts.TEMPLATES.keys()

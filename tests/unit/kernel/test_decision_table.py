"""One row decides each question of a decision table; the checks see where none or two would."""

from datetime import date

import pytest

from shared.kernel.decision_checks import epochs, findings
from shared.kernel.decision_table import DecisionTable, Row

FIRST, CHANGE = date(2021, 1, 1), date(2025, 1, 1)
INPUTS = {"colour": ("red", "green"), "size": ("small", "large")}


def row(rule, question, answer, valid_from=FIRST, *, valid_to=None, **conditions):
    asked = tuple((name, frozenset(values.split())) for name, values in conditions.items())
    return Row(
        rule=rule,
        question=question,
        conditions=asked,
        answer=answer,
        valid_from=valid_from,
        valid_to=valid_to,
        words={"en": rule},
        certainty="V",
        source="test",
    )


STOP = row("stop", "halt", "yes", colour="red")
GO = row("go", "halt", "no", colour="green")
FINE = row("fine", "pay", "much", halt="yes", size="large")
MILD = row("mild", "pay", "little", halt="yes", size="small")
FREE = row("free", "pay", "nothing", halt="no")
SOUND = (STOP, GO, FINE, MILD, FREE)


def table(*rows, questions=("halt", "pay")):
    return DecisionTable("v1", INPUTS, questions, rows)


def decided(rows, on=FIRST, **given):
    return {each.question: each.rule for each in table(*rows).on(on).decide(given)}


def test_an_answer_is_an_input_of_later_questions():
    assert decided(SOUND, colour="red", size="large") == {"halt": "stop", "pay": "fine"}
    assert decided(SOUND, colour="green", size="large") == {"halt": "go", "pay": "free"}


def test_a_ruling_tells_question_answer_and_rule():
    assert (STOP.ruling.question, STOP.ruling.answer, STOP.ruling.rule) == ("halt", "yes", "stop")


def test_a_sound_table_has_no_findings():
    assert findings(table(*SOUND)) == []


def test_a_rule_holds_from_its_first_day_to_the_day_before_its_end():
    old = row("old", "halt", "yes", colour="red", valid_to=CHANGE)
    new = row("new", "halt", "yes", CHANGE, colour="red")
    rows = (old, new, *SOUND[1:])

    assert decided(rows, date(2024, 12, 31), colour="red", size="small")["halt"] == "old"
    assert decided(rows, CHANGE, colour="red", size="small")["halt"] == "new"
    assert epochs(table(*rows)) == [FIRST, CHANGE]
    assert findings(table(*rows)) == []


def test_a_rule_is_found_as_it_was_on_a_day():
    old = row("stop", "halt", "yes", colour="red", valid_to=CHANGE)
    held = table(old, GO)

    assert held.row("stop", date(2024, 12, 31)) == old
    assert held.row("stop", CHANGE) is None
    assert held.first_day == FIRST


@pytest.mark.parametrize("rows", [(GO, FREE), (STOP, STOP, GO, FREE)])
def test_no_row_or_a_second_one_is_a_bug(rows):
    with pytest.raises(LookupError):
        decided(rows, colour="red", size="small")


@pytest.mark.parametrize(
    ("rows", "finding"),
    [
        ((STOP, FINE, MILD), "2021-01-01 halt: gap where colour=green"),
        ((*SOUND, row("any", "halt", "yes")), "halt: overlap of stop and any where colour=red"),
        (SOUND[:-1], "pay: gap where halt=no"),
        ((*SOUND, row("blue", "halt", "no", colour="blue")), "blue: asks for a value that colour"),
        ((*SOUND, row("none", "halt", "no", colour="")), "none: asks for a value that colour"),
        ((*SOUND, row("early", "halt", "no", pay="much")), "early: asks for a value that pay"),
        ((*SOUND, row("else", "why", "so")), "else: answers why, which is not asked"),
        ((*SOUND, row("back", "pay", "no", valid_to=FIRST)), "back: ends before it begins"),
    ],
)
def test_sees_a_gap_an_overlap_and_what_is_malformed(rows, finding):
    assert finding in "\n".join(findings(table(*rows)))


def test_sees_a_gap_in_time():
    ends = row("stop", "halt", "yes", colour="red", valid_to=CHANGE)

    assert findings(table(ends, *SOUND[1:])) == ["2025-01-01 halt: gap where colour=red"]


def test_sees_a_row_that_no_combination_reaches():
    """Its own conditions could be met, but never together with the answers that it asks for."""
    rows = (
        *SOUND[:2],
        row("fine", "pay", "much", halt="yes", colour="red"),
        row("never", "pay", "little", halt="yes", colour="green"),
        FREE,
    )

    assert findings(table(*rows)) == ["2021-01-01 never: dead, it never decides"]


def test_gives_up_on_more_combinations_than_it_may_try():
    found = findings(table(*SOUND), combinations_max=3)

    assert found == ["2021-01-01 pay: more than 3 combinations"]

"""Proves of a decision table that one row decides each question, and that each row decides some.

It tries all combinations of values. A question is tried over the inputs that its rows ask for, so
the proof holds for all combinations of all inputs: the others change nothing.
"""

from collections.abc import Iterator, Mapping
from datetime import date
from itertools import product
from math import prod

from shared.kernel.decision_table import DecisionTable, Row, Rules

COMBINATIONS_MAX = 200_000
FINDINGS_MAX = 100
Known = dict[str, str]


def findings(table: DecisionTable, *, combinations_max: int = COMBINATIONS_MAX) -> list[str]:
    """Return what is wrong, at most 100 lines: malformed, gaps, overlaps, dead rows.

    A question that asks for more than `combinations_max` combinations is a finding too.
    """
    found = list(_malformed(table))
    if not found:
        for day in epochs(table):
            found += [f"{day} {line}" for line in _of_day(table, day, combinations_max)]
    return found[:FINDINGS_MAX]


def epochs(table: DecisionTable) -> list[date]:
    """Return the days on which the rules change, from the first one on."""
    ends = {row.valid_to for row in table.rows if row.valid_to is not None}
    return sorted({row.valid_from for row in table.rows} | ends)


def combinations(values: Mapping[str, tuple[str, ...]]) -> Iterator[Known]:
    """Yield each combination of the values of inputs."""
    for each in product(*values.values()):
        yield dict(zip(values, each, strict=True))


def _malformed(table: DecisionTable) -> Iterator[str]:
    asked: dict[str, set[str]] = {name: set(values) for name, values in table.inputs.items()}
    for question in table.questions:
        rows = [row for row in table.rows if row.question == question]
        for row in rows:
            for name, wanted in row.conditions:
                if not wanted or not wanted <= asked.get(name, set()):
                    yield f"{row.rule}: asks for a value that {name} does not have"
        asked[question] = {row.answer for row in rows}
    for row in table.rows:
        if row.question not in table.questions:
            yield f"{row.rule}: answers {row.question}, which is not asked"
        if row.valid_to is not None and row.valid_to <= row.valid_from:
            yield f"{row.rule}: ends before it begins"


def _of_day(table: DecisionTable, day: date, combinations_max: int) -> list[str]:
    rules = table.on(day)
    values = {name: tuple(given) for name, given in table.inputs.items()}
    found: list[str] = []
    for question, rows in rules.by_question.items():
        needed = _needed(table, rules, question)
        tried = {name: given for name, given in table.inputs.items() if name in needed}
        if prod(len(given) for given in tried.values()) > combinations_max:
            return [f"{question}: more than {combinations_max} combinations"]
        asked = sorted({name for row in rows for name, _ in row.conditions})
        found += _undecided(question, rows, {name: values[name] for name in asked})
        values[question] = tuple(dict.fromkeys(row.answer for row in rows))
        if not found:
            part = {each: held for each, held in rules.by_question.items() if each in needed}
            found += _dead(rows, Rules(part), tried)
    return found


def _undecided(
    question: str, rows: tuple[Row, ...], asked: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    for known in combinations(asked):
        fitting = [row.rule for row in rows if row.fits(known)]
        if len(fitting) != 1:
            said = ", ".join(f"{name}={value}" for name, value in known.items())
            rule = " and ".join(fitting)
            yield f"{question}: {'overlap of ' + rule if fitting else 'gap'} where {said}"


def _dead(
    rows: tuple[Row, ...], needed: Rules, tried: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    decided = {row.rule for known in combinations(tried) for row in needed.decide(known)}
    yield from (f"{row.rule}: dead, it never decides" for row in rows if row.rule not in decided)


def _needed(table: DecisionTable, rules: Rules, question: str) -> set[str]:
    """Return the question, the inputs that decide it, and the questions before it that it asks."""
    needed = {question}
    for asked in reversed(table.questions):
        if asked in needed:
            needed |= {name for row in rules.by_question[asked] for name, _ in row.conditions}
    return needed

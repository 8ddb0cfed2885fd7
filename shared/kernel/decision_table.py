"""Rules as a table of data: dated rows, each with its words and source; one row decides a question.

A row lists what it asks of the inputs (an input that is not listed may be anything), and answers
one question. Questions are asked in order; an answer is an input of the later ones (DMN's hit
policy "unique", and its requirement graph). No row, or a second one, is a bug of the table:
`shared.kernel.decision_checks` proves that there is none.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Ruling:
    """An answer to a question, and the rule that gave it."""

    question: str
    answer: str
    rule: str


@dataclass(frozen=True, slots=True)
class Row:
    """A rule in [valid_from, valid_to). `conditions`: which values of which inputs it asks for.

    `words` say it by language; `certainty` and `source` are as in the tables of shared.reference.
    """

    rule: str
    question: str
    conditions: tuple[tuple[str, frozenset[str]], ...]
    answer: str
    valid_from: date
    valid_to: date | None
    words: Mapping[str, str]
    certainty: str
    source: str

    def holds(self, on: date) -> bool:
        """Say whether it is in force on a day."""
        return self.valid_from <= on and (self.valid_to is None or on < self.valid_to)

    def fits(self, known: Mapping[str, str]) -> bool:
        """Say whether the inputs are as it asks."""
        return all(known[name] in wanted for name, wanted in self.conditions)

    @property
    def ruling(self) -> Ruling:
        """Its answer."""
        return Ruling(self.question, self.answer, self.rule)


@dataclass(frozen=True, slots=True)
class Rules:
    """The rows in force on one day, by question, in the order in which they are asked."""

    by_question: Mapping[str, tuple[Row, ...]]

    def decide(self, given: Mapping[str, str]) -> tuple[Row, ...]:
        """Return the row that decides each question; `given` has a value for every input."""
        known = dict(given)
        decided = []
        for question, rows in self.by_question.items():
            row = _the_one(question, (row for row in rows if row.fits(known)))
            known[question] = row.answer
            decided.append(row)
        return tuple(decided)


@dataclass(frozen=True, slots=True)
class DecisionTable:
    """All rows of all times. `inputs`: the values of each; `version` names the content."""

    version: str
    inputs: Mapping[str, tuple[str, ...]]
    questions: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def first_day(self) -> date:
        """The first day that the table speaks of."""
        return min(row.valid_from for row in self.rows)

    def on(self, day: date) -> Rules:
        """Return the rules of a day; before `first_day` there are none."""
        held: dict[str, list[Row]] = {asked: [] for asked in self.questions}
        for row in self.rows:
            if row.holds(day):
                held[row.question].append(row)
        return Rules({asked: tuple(rows) for asked, rows in held.items()})

    def row(self, rule: str, day: date) -> Row | None:
        """Return a rule as it was in force on a day."""
        return next((row for row in self.rows if row.rule == rule and row.holds(day)), None)


def _the_one(question: str, fitting: Iterable[Row]) -> Row:
    rows = list(fitting)
    if len(rows) != 1:
        raise LookupError(f"{question}: {len(rows)} rows decide, and not one")
    return rows[0]

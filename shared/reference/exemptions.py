"""The decision table of exemptions as data: exemptions.csv and exemption_inputs.csv.

Only what the table says: tracking alone decides by it.
"""

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from shared.kernel.decision_table import DecisionTable, Row
from shared.reference.tables import FOLDER, parts, period_of, read_rows

RULES, INPUTS = "exemptions.csv", "exemption_inputs.csv"
Domains = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Input:
    """Something that a rule may ask for, the values that it may have, and what it means."""

    name: str
    values: tuple[str, ...]
    words_zh: str
    words_en: str


@cache
def exemption_inputs(folder: Path = FOLDER) -> tuple[Input, ...]:
    """Return all inputs."""
    return tuple(
        Input(row["input"], parts(row["values"]), row["words_zh"], row["words_en"])
        for row in read_rows(folder / INPUTS)
    )


@cache
def exemption_tables(folder: Path = FOLDER) -> dict[str, DecisionTable]:
    """Return the table of each jurisdiction (ISO 3166 code); its version is a digest of the files.

    Raises ValueError where a row is not written as the file's head says.
    """
    inputs = {each.name: each.values for each in exemption_inputs(folder)}
    rows = read_rows(folder / RULES)
    version = _version(folder)
    return {
        name: _table(version, inputs, [row for row in rows if row["jurisdiction"] == name])
        for name in dict.fromkeys(row["jurisdiction"] for row in rows)
    }


def _table(version: str, inputs: Domains, rows: list[dict[str, str]]) -> DecisionTable:
    """Questions are asked in the order of the file, which is also that of their answers."""
    asked = dict.fromkeys(row["question"] for row in rows)
    answers = {
        question: tuple(dict.fromkeys(row["answer"] for row in rows if row["question"] == question))
        for question in asked
    }
    read = tuple(_row(row, {**inputs, **answers}) for row in rows)
    return DecisionTable(version, inputs, tuple(asked), read)


def _row(row: dict[str, str], values: Domains) -> Row:
    period = period_of(row)
    return Row(
        rule=row["rule"],
        question=row["question"],
        conditions=tuple(
            _condition(part, values) for part in row["when"].split(";") if part.strip()
        ),
        answer=row["answer"],
        valid_from=period.valid_from,
        valid_to=period.valid_to,
        words={"zh-CN": row["words_zh"], "en": row["words_en"]},
        certainty=row["certainty"],
        source=row["source"],
    )


def _condition(text: str, values: Domains) -> tuple[str, frozenset[str]]:
    name, sign, cell = text.strip().partition("=")
    if not sign:
        raise ValueError(f"a condition is name=a|b or name!=a|b, and not {text.strip()!r}")
    named = frozenset(parts(cell))
    if not name.endswith("!"):
        return name, named
    name = name.removesuffix("!")
    unknown = named - frozenset(values.get(name, ()))
    if unknown:
        raise ValueError(f"{name} has no value {', '.join(sorted(unknown))}")
    return name, frozenset(values[name]) - named


def _version(folder: Path) -> str:
    digest = hashlib.sha256()
    for name in (RULES, INPUTS):
        digest.update((folder / name).read_bytes())
    return digest.hexdigest()[:12]

"""What is wrong with the dated tables: missing sources, gaps, overlaps, references to nothing.

`greenloop codes check` prints it and `make check` runs it, so nothing that reads the tables meets
it. The check reads the files as text and goes on after what it finds.
"""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from shared.kernel.decision_checks import findings as decision_findings
from shared.reference.checking_rows import Columns, Line, lines_of, periods
from shared.reference.exemptions import INPUTS, RULES, exemption_tables
from shared.reference.material_codes import ANY
from shared.reference.tables import FOLDER, NOTHING, parts, read_rows

CODES = Columns(
    filled=("code", "name_zh", "name_en", "valid_from", "certainty", "source"),
    there=("valid_to", "successor"),
)
CROSSWALK = Columns(
    filled=("material", "system", "context", "code", "valid_from", "certainty", "source"),
    there=("valid_to",),
)
EXEMPTION = Columns(
    filled=("rule", "question", "jurisdiction", "answer", "words_zh", "words_en", "source"),
    there=("when", "valid_to"),
)
SYSTEMS = Columns(filled=("system", "name_zh", "name_en", "form"), there=("needs",), dated=False)
MATERIALS = Columns(filled=("code", "name_zh", "name_en", "hazardous", "source"), dated=False)
FACTS = Columns(filled=("input", "values", "words_zh", "words_en"), dated=False)
CONTEXTS = (ANY, "household", "with-equipment", "non-spillable", "sea")
NEEDED = ("cn", "un")
Coded = dict[str, list[Line]]


def findings(folder: Path = FOLDER) -> list[str]:
    """Return a line for each finding in the tables of a folder; empty where they are sound."""
    return [*code_findings(folder), *exemption_findings(folder)]


def code_findings(folder: Path = FOLDER) -> list[str]:
    """Return what is wrong with the code tables and with what materials are called in them."""
    systems, found = _table(folder, "code_tables/systems.csv", SYSTEMS)
    coded: Coded = {}
    for system in systems:
        name = system.cells["system"]
        columns = CODES.also(parts(system.cells["needs"]))
        coded[name], wrong = _table(folder, f"code_tables/{name}.csv", columns)
        found += [*wrong, *_of_system(coded[name], system)]
    known = {f"{system.cells['system']}.csv" for system in systems} | {"systems.csv"}
    found += [
        f"code_tables/{path.name}: no system of that name"
        for path in sorted((folder / "code_tables").glob("*.csv"))
        if path.name not in known
    ]
    return [*found, *_of_crosswalk(folder, coded)]


def exemption_findings(folder: Path = FOLDER) -> list[str]:
    """Return what is wrong with the decision table of exemptions; a few seconds of work."""
    return list(_of_exemptions(folder))


def _table(folder: Path, name: str, columns: Columns) -> tuple[list[Line], list[str]]:
    try:
        rows = read_rows(folder / name)
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        return [], [f"{name}: cannot be read: {type(problem).__name__}"]
    if not rows:
        return [], [f"{name}: no rows"]
    return lines_of(name, rows, columns)


def _of_system(lines: list[Line], system: Line) -> Iterator[str]:
    form = system.cells["form"]
    try:
        re.compile(form)
    except re.error:
        yield f"{system.where}: its form is no pattern"
        return
    for line in lines:
        if not re.fullmatch(form, line.cells["code"]):
            yield f"{line.where}: not of the form {form}"
    yield from periods(lines, key=lambda line: line.cells["code"])
    for line in lines:
        yield from _of_end(line, lines)


def _of_end(line: Line, lines: list[Line]) -> Iterator[str]:
    """A code that ends for good names what takes its place, which holds from that day on."""
    successor, ends = line.cells["successor"], line.period.valid_to
    goes_on = any(
        other.cells["code"] == line.cells["code"] and other.period.valid_from == ends
        for other in lines
    )
    if ends is None or goes_on:
        if successor:
            yield f"{line.where}: has a successor, and does not end"
        return
    if not successor:
        yield f"{line.where}: ends without a successor; {NOTHING} where there is none"
    for code in parts(successor):
        held = [o for o in lines if o.cells["code"] == code and o.period.holds(ends)]
        if code != NOTHING and not held:
            yield f"{line.where}: its successor {code} does not hold on {ends}"


def _of_crosswalk(folder: Path, coded: Coded) -> Iterator[str]:
    materials, wrong = _table(folder, "materials.csv", MATERIALS)
    lines, more = _table(folder, "material_codes.csv", CROSSWALK)
    yield from [*wrong, *more]
    known = {line.cells["code"] for line in materials}
    for line in lines:
        yield from _of_reference(line, coded, known)
    yield from periods(lines, key=_use, open_end=True)
    for material in materials:
        if material.cells["hazardous"] == "yes":
            yield from _of_hazardous(material.cells["code"], lines)


def _use(line: Line) -> str:
    return " ".join(line.cells[name] for name in ("material", "system", "context"))


def _of_reference(line: Line, coded: Coded, materials: set[str]) -> Iterator[str]:
    cells = line.cells
    if cells["material"] not in materials:
        yield f"{line.where}: no such material"
    if cells["context"] not in CONTEXTS:
        yield f"{line.where}: no such context"
    if cells["system"] not in coded:
        yield f"{line.where}: no such system"
    elif cells["code"] != NOTHING:
        held = [o for o in coded[cells["system"]] if o.cells["code"] == cells["code"]]
        if not held:
            yield f"{line.where}: {cells['system']} has no code {cells['code']}"
        elif not line.covered_by(held):
            yield f"{line.where}: {cells['code']} does not hold all that time"


def _of_hazardous(material: str, lines: list[Line]) -> Iterator[str]:
    """The law needs an answer for it in each system, if only that there is no entry."""
    first = {}
    for system in NEEDED:
        use = f"{material} {system} {ANY}"
        first[system] = min((o.period.valid_from for o in lines if _use(o) == use), default=None)
        if first[system] is None:
            yield f"materials.csv {material}: hazardous, and nothing says its {system} code"
    if len(set(first.values())) > 1:
        yield f"materials.csv {material}: its codes do not begin on one day"


def _rule(line: Line) -> str:
    return f"{line.cells['jurisdiction']} {line.cells['rule']}"


def _of_exemptions(folder: Path) -> Iterator[str]:
    _, wrong = _table(folder, INPUTS, FACTS)
    rules, more = _table(folder, RULES, EXEMPTION)
    yield from [*wrong, *more]
    yield from periods(rules, key=_rule)
    if wrong or more:
        return
    try:
        tables = exemption_tables(folder)
    except ValueError as problem:
        yield f"{RULES}: {problem}"
        return
    for jurisdiction, table in tables.items():
        yield from (f"{RULES} {jurisdiction} {line}" for line in decision_findings(table))

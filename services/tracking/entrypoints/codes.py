"""The dated code tables over HTTP: what a code means, and what a material is called, on a day."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Path, Query

from shared.contracts.topic import MaterialCode
from shared.http.auth import Anybody
from shared.http.body import Day, View
from shared.kernel.clock import Clock, legal_day
from shared.kernel.errors import NotFound
from shared.reference import material_codes
from shared.reference.codes import (
    CodeEntry,
    code_entries_on,
    code_entry,
    systems,
)
from shared.reference.materials import materials

SystemName = Annotated[str, Path(pattern="^[a-z-]{1,16}$")]
WrittenCode = Annotated[str, Path(max_length=16)]
OnDay = Annotated[Day | None, Query(description="a legal day; today if not given")]


class SystemView(View):
    """A system of codes."""

    system: str
    name_zh: str
    name_en: str


class SystemsView(View):
    """All systems."""

    items: list[SystemView]


class CodeView(View):
    """A code's entry, and the materials that it names. It holds in [valid_from, valid_to).

    `certainty`: V read in the named text, X read in an excerpt of it, M from memory.
    """

    system: str
    code: str
    name_zh: str
    name_en: str
    details: dict[str, str]
    valid_from: date
    valid_to: date | None
    successors: list[str]
    materials: list[str]
    certainty: str
    source: str


class CodesView(View):
    """The entries of a system that hold on a day."""

    system: str
    on: date
    items: list[CodeView]


class MaterialCodeView(View):
    """What a material is called in a system; `code` null: the system has no entry for it."""

    system: str
    context: str
    code: str | None
    name_zh: str | None
    name_en: str | None
    valid_from: date
    valid_to: date | None
    certainty: str
    source: str


class MaterialCodesView(View):
    """All codes of a material that hold on a day."""

    material: str
    on: date
    items: list[MaterialCodeView]


def router(clock: Clock) -> APIRouter:
    """Return the routes of the code tables; they read files, and block on nothing."""
    routes = APIRouter(prefix="/v1", tags=["codes"])

    @routes.get("/codes")
    def list_systems(_caller: Anybody) -> SystemsView:
        return SystemsView(
            items=[
                SystemView.model_validate(each, from_attributes=True) for each in systems().values()
            ]
        )

    @routes.get("/codes/{system}")
    def list_codes(system: SystemName, _caller: Anybody, on: OnDay = None) -> CodesView:
        day = on or legal_day(clock.now())
        found = code_entries_on(system, day)
        return CodesView(system=system, on=day, items=[_code_view(each, day) for each in found])

    @routes.get("/codes/{system}/{code}")
    def get_code(
        system: SystemName, code: WrittenCode, _caller: Anybody, on: OnDay = None
    ) -> CodeView:
        day = on or legal_day(clock.now())
        return _code_view(code_entry(system, code, day), day)

    @routes.get("/materials/{material}/codes")
    def material_codes_of(
        material: MaterialCode, _caller: Anybody, on: OnDay = None
    ) -> MaterialCodesView:
        if material not in materials():
            raise NotFound("materials.unknown", "this material is not in the table of materials")
        day = on or legal_day(clock.now())
        found = material_codes.codes_of_material(material, day)
        return MaterialCodesView(
            material=material, on=day, items=[_material_code_view(each, day) for each in found]
        )

    return routes


def _code_view(entry: CodeEntry, on: date) -> CodeView:
    return CodeView(
        system=entry.system,
        code=entry.code,
        name_zh=entry.name_zh,
        name_en=entry.name_en,
        details=_without_empty(entry.details),
        valid_from=entry.period.valid_from,
        valid_to=entry.period.valid_to,
        successors=list(entry.successors),
        materials=material_codes.materials_of_code(entry.system, entry.code, on),
        certainty=entry.certainty,
        source=entry.source,
    )


def _material_code_view(row: material_codes.MaterialCode, on: date) -> MaterialCodeView:
    named = None if row.code is None else code_entry(row.system, row.code, on)
    return MaterialCodeView(
        system=row.system,
        context=row.context,
        code=row.code,
        name_zh=named and named.name_zh,
        name_en=named and named.name_en,
        valid_from=row.period.valid_from,
        valid_to=row.period.valid_to,
        certainty=row.certainty,
        source=row.source,
    )


def _without_empty(details: Mapping[str, str]) -> dict[str, str]:
    return {name: cell for name, cell in details.items() if cell}

"""The routes of estimates: what something may be worth, and what is asked of a material."""

import re
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from services.collection.application.desk import Desk
from services.collection.application.estimating import estimate_items
from services.collection.domain.slots import SlotName
from services.collection.entrypoints.bodies import ItemBody
from services.collection.entrypoints.views import EstimateView
from shared.contracts.topic import CommunityCode
from shared.http.auth import Anybody
from shared.http.body import Day, View
from shared.kernel.clock import legal_day
from shared.kernel.errors import Invalid
from shared.reference.materials import Material, materials
from shared.reference.piece_masses import piece_masses
from shared.reference.tables import at

ITEM = re.compile(r"([a-z][a-z0-9-]{1,31}):([0-9]{1,8})(g|p)")
ItemText = Annotated[str, StringConstraints(pattern=f"^{ITEM.pattern}$", max_length=48)]
MASS_G_MAX = 49_000_000
PIECES_MAX = 10_000


class PieceView(View):
    """What a piece is taken to weigh where a household only counts, and who says so."""

    mass_g: int
    source: str


class MaterialView(View):
    """A material and what is asked of it when it is declared."""

    code: str
    name_zh: str
    name_en: str
    family: str
    hazardous: bool
    asked: tuple[str, ...]
    piece: PieceView | None = None


class MaterialsView(View):
    """All materials."""

    items: list[MaterialView]


def estimates_router(desk: Desk) -> APIRouter:
    """Return the routes of estimates and materials."""
    router = APIRouter(prefix="/v1", tags=["estimates"])

    @router.get("/estimates")
    def estimate(
        _caller: Anybody,
        community_code: CommunityCode,
        service_day: Day,
        item: Annotated[
            list[ItemText],
            Query(
                min_length=1, max_length=20, description="material:4000g or material:2p (pieces)"
            ),
        ],
        *,
        band: Literal["morning", "afternoon", "evening"] = "morning",
    ) -> EstimateView:
        today = legal_day(desk.clock.now())
        items = [_item(text).to_item(today) for text in item]
        begins: datetime = SlotName(community_code, service_day, band).window[0]
        told = estimate_items(items, community_code, at=begins, prices=desk.prices)
        return EstimateView.model_validate(told)

    @router.get("/materials")
    def list_materials(_caller: Anybody) -> MaterialsView:
        today = legal_day(desk.clock.now())
        return MaterialsView(items=[_material(each, today) for each in materials().values()])

    return router


def _item(text: str) -> ItemBody:
    found = ITEM.fullmatch(text)
    if found is None:
        raise AssertionError("the query's pattern let it pass")
    material, amount, unit = found[1], int(found[2]), found[3]
    if unit == "g":
        if amount > MASS_G_MAX:
            raise Invalid("mass.impossible", f"an item weighs up to {MASS_G_MAX} g")
        return ItemBody(material=material, estimated_mass_g=amount)
    if not 1 <= amount <= PIECES_MAX:
        raise Invalid("collection.pieces", f"there are 1 to {PIECES_MAX} pieces")
    return ItemBody(material=material, pieces=amount)


def _material(each: Material, today: date) -> MaterialView:
    held = at((row for row in piece_masses() if row.material == each.code), today)
    return MaterialView(
        code=each.code,
        name_zh=each.name_zh,
        name_en=each.name_en,
        family=each.family,
        hazardous=each.hazardous,
        asked=("condition",) if each.hazardous else (),
        piece=PieceView(mass_g=held.mass_g, source=held.source) if held else None,
    )

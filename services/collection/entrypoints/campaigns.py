"""The routes of campaigns; the board is for everybody, without a token."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field

from services.collection.adapters.mongo_sites import MongoCampaigns
from services.collection.application import campaigns
from services.collection.application.drive_desk import DriveDesk
from services.collection.domain.campaign import Campaign, Goal, Group
from services.collection.entrypoints.bodies import Text
from services.collection.entrypoints.http import OperatorCall
from shared.contracts.topic import MaterialCode, OpaqueId
from shared.http.auth import Anybody, public
from shared.http.body import Body, Day, View
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next
from shared.kernel.aggregate import Stored
from shared.reference.materials import material

TELLS_OF_NOBODY = "it is for everybody: k-anonymous, also by differencing"


class GoalBody(Body):
    """So many grams of a material."""

    material: MaterialCode
    mass_g: int = Field(strict=True, ge=1, le=10**12)


class CampaignBody(Body):
    """A campaign. `k` distinct households make a group of the board."""

    title: Annotated[Text, Field(min_length=1)]
    first_day: Day
    last_day: Day
    goals: list[GoalBody] = Field(default=[], max_length=40)
    k: int = Field(default=5, strict=True, ge=5, le=1_000)

    def to_campaign(self, campaign_id: str) -> Campaign:
        """Return the campaign; an unknown material is `Invalid` (materials.unknown)."""
        goals = tuple(Goal(material(each.material).code, each.mass_g) for each in self.goals)
        return Campaign(
            campaign_id, self.title, self.first_day, self.last_day, goals=goals, k=self.k
        )


class GoalView(View):
    """A goal."""

    material: str
    mass_g: int


class CampaignView(View):
    """A campaign."""

    campaign_id: str
    title: str
    first_day: date
    last_day: date
    goals: tuple[GoalView, ...]
    k: int


class ProgressView(View):
    """How many tenths of a goal are reached, at least."""

    material: str
    goal_g: int
    tenths: int


class RankView(View):
    """A group of the board: a site. Fewer than k households are never shown."""

    rank: int
    site_id: str
    mass_g: int


class BoardView(View):
    """A campaign's public board. It grows by k households' doing at a time, never by one's."""

    campaign_id: str
    title: str
    k: int
    ranking: list[RankView]
    progress: list[ProgressView]


def campaigns_router(desk: DriveDesk, held: MongoCampaigns) -> APIRouter:
    """Return the routes."""
    router = APIRouter(prefix="/v1/campaigns", tags=["campaigns"])

    @router.post("", status_code=201, response_model=CampaignView)
    def begin(body: CampaignBody, call: OperatorCall) -> Response:
        campaign = body.to_campaign(call.derived_id())
        request = call.request(201, _view)
        return call.respond(campaigns.begin_campaign(campaign, desk=desk, request=request))

    @router.get("")
    def list_campaigns(
        request: Request,
        response: Response,
        _caller: Anybody,
        *,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> Page[CampaignView]:
        after_id = str(decode_cursor(cursor, str)[0]) if cursor else ""
        found = held.page(after_id=after_id, limit=limit + 1)
        following = encode_cursor(found[limit - 1].id) if len(found) > limit else None
        link_next(request, response, following)
        return Page(items=[_view(each) for each in found[:limit]], next=following)

    @router.get("/{campaign_id}")
    def get_campaign(campaign_id: OpaqueId, _caller: Anybody) -> CampaignView:
        return _view(held.get(campaign_id))

    @router.get("/{campaign_id}/board", dependencies=[Depends(public(TELLS_OF_NOBODY))])
    def board(campaign_id: OpaqueId) -> BoardView:
        return _board(held.get(campaign_id).state)

    return router


def _view(stored: Stored[Campaign]) -> CampaignView:
    return CampaignView.model_validate(stored.state)


def _board(campaign: Campaign) -> BoardView:
    ranking = campaign.ranking()
    return BoardView(
        campaign_id=campaign.campaign_id,
        title=campaign.title,
        k=campaign.k,
        ranking=[_rank(group, ranking) for group in ranking],
        progress=[
            ProgressView(material=goal.material, goal_g=goal.mass_g, tenths=campaign.tenths(goal))
            for goal in campaign.goals
        ],
    )


def _rank(group: Group, ranking: list[Group]) -> RankView:
    """Equal groups share a rank."""
    better = sum(other.mass_g > group.mass_g for other in ranking)
    return RankView(rank=better + 1, site_id=group.site_id, mass_g=group.mass_g)

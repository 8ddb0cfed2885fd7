"""Tracking's API: containers, quarantine, balances."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response
from pydantic import Field

from services.tracking.adapters.mongo_mass import MongoMass
from services.tracking.application import handlers
from services.tracking.application.ports import Codes, Containers
from services.tracking.domain.container import Container
from shared.contracts.topic import Code, MaterialCode, OpaqueId
from shared.http.auth import Anybody, Watcher
from shared.http.body import Body, View
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.aggregate import Stored
from shared.kernel.clock import Clock

StaffCall = Annotated[KeyedCall, Depends(keyed("operator", "collector"))]
Grams = Annotated[int, Field(strict=True, ge=0, le=49_000_000)]


@dataclass(frozen=True, slots=True)
class Office:
    """What the API works with."""

    containers: Containers
    codes: Codes
    mass: MongoMass
    clock: Clock
    books: Callable[[], dict[str, Any]]


class ContainerBody(Body):
    """A container with its tag, for one hazardous material."""

    tag: OpaqueId
    container_type: Code
    material: MaterialCode
    tare_g: Grams
    limit_g: Grams


class ContainerView(View):
    """A registered container; `content_g` is what the mass ledger has in it."""

    tag: str
    container_type: str
    material: str
    waste_code: str | None
    un_number: str | None
    tare_g: int
    limit_g: int
    registered_at: datetime
    content_g: int | None = None


class BalanceView(View):
    """The grams of one material on one account."""

    account: str
    material: str
    mass_g: int


class QuarantinedView(View):
    """A lot that waits for a person's decision."""

    pickup_id: str
    lot_id: str
    material: str
    mass_g: int
    container_tag: str | None
    reason: str


class BalancesView(View):
    """Balances under a prefix."""

    items: list[BalanceView]


class QuarantineView(View):
    """All lots in quarantine."""

    items: list[QuarantinedView]


def router(office: Office) -> APIRouter:
    """Return tracking's routes."""
    routes = APIRouter(prefix="/v1", tags=["tracking"])

    @routes.post("/containers", status_code=201, response_model=ContainerView)
    def register(body: ContainerBody, call: StaffCall) -> Response:
        cmd = handlers.RegisterContainer(
            tag=body.tag,
            container_type=body.container_type,
            material=body.material,
            tare_g=body.tare_g,
            limit_g=body.limit_g,
        )
        registered = handlers.register_container(
            cmd,
            containers=office.containers,
            codes=office.codes,
            clock=office.clock,
            request=call.request(201, _view),
        )
        return call.respond(registered)

    @routes.get("/containers/{tag}")
    def get_container(tag: OpaqueId, _caller: Anybody) -> ContainerView:
        view = _view(office.containers.get(tag))
        return view.model_copy(update={"content_g": office.mass.content_g(tag)})

    @routes.get("/quarantine")
    def quarantine(_caller: Watcher) -> QuarantineView:
        found = office.mass.quarantine()
        return QuarantineView(items=[QuarantinedView(**each) for each in found])

    @routes.get("/balances")
    def balances(
        _caller: Watcher, prefix: Annotated[str, Query(min_length=1, max_length=128)]
    ) -> BalancesView:
        found = office.mass.balances(prefix)
        return BalancesView(items=[BalanceView(**each) for each in found])

    @routes.get("/reconciliation")
    def reconciliation(_caller: Watcher) -> dict[str, Any]:
        return office.books()

    return routes


def _view(stored: Stored[Container]) -> ContainerView:
    return ContainerView.model_validate(stored.state, from_attributes=True)

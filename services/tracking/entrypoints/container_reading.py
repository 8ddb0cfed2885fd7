"""What the API tells of containers: one, many, the history of one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Query, Request, Response

from services.tracking.adapters.mongo_fills import MongoFills
from services.tracking.adapters.mongo_search import MongoContainerSearch
from services.tracking.application.consignment_containers import Operators
from services.tracking.application.container_desk import registered
from services.tracking.application.ports import Containers
from services.tracking.domain.container import Container
from services.tracking.domain.container_states import State
from services.tracking.domain.fill import fill_of
from services.tracking.domain.place import owner_of, place_id_of
from services.tracking.domain.tags import canonical
from services.tracking.entrypoints.container_views import (
    ContainerView,
    CustodyView,
    HistoryView,
    StepView,
    container_view,
    custody_view,
    deed_view,
    deposit_view,
)
from shared.contracts.container_life import Holder
from shared.contracts.topic import Code, MaterialCode, OpaqueId
from shared.http.auth import Anybody, Caller, Watcher, role
from shared.http.body import WHOLE
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next
from shared.kernel.errors import NotFound

Fill = Annotated[int, Query(ge=1, le=1_000_000), WHOLE]
Staff = Annotated[Caller, Depends(role("operator", "collector", "company", "regulator"))]


@dataclass(frozen=True, slots=True)
class ContainerRegistry:
    """What is read. `label` draws a container's label as PDF, `places` knows who operates them."""

    containers: Containers
    search: MongoContainerSearch
    fills: MongoFills
    label: Callable[[Container], bytes]
    places: Operators


@dataclass(frozen=True, slots=True)
class ContainerFilter:
    """What a list is narrowed to."""

    state: State | None = None
    holder: Holder | None = None
    material: MaterialCode | None = None
    container_type: Code | None = None
    consignment_id: OpaqueId | None = None
    cursor: Cursor = None

    def query(self) -> dict[str, Any]:
        """Return the filter of the query."""
        if self.state is State.UNKNOWN:
            raise NotFound("container.not_found", "an unknown tag is not a container")
        where = {
            "state.state": self.state and self.state.value,
            "state.holder": self.holder,
            "state.materials": self.material,
            "state.container_type": self.container_type,
            "state.reservation.consignment_id": self.consignment_id,
        }
        return {field: value for field, value in where.items() if value is not None}


def container_reading_router(registry: ContainerRegistry) -> APIRouter:
    """Return the routes that read containers."""
    routes = APIRouter(prefix="/v1/containers", tags=["containers"])

    @routes.get("")
    def list_containers(
        request: Request,
        response: Response,
        _caller: Staff,
        *,
        where: Annotated[ContainerFilter, Depends()],
        limit: Limit = 50,
    ) -> Page[ContainerView]:
        after_tag = str(decode_cursor(where.cursor, str)[0]) if where.cursor else ""
        found = registry.search.page(where.query(), after_tag=after_tag, limit=limit + 1)
        following = encode_cursor(found[limit - 1].id) if len(found) > limit else None
        link_next(request, response, following)
        return Page(items=[container_view(each) for each in found[:limit]], next=following)

    @routes.get("/{tag}")
    def get_container(tag: OpaqueId, _caller: Anybody, response: Response) -> ContainerView:
        stored = registry.containers.get(canonical(tag))
        registered(stored.state)
        response.headers["ETag"] = f'"{stored.version}"'
        return container_view(stored)

    return routes


def container_papers_router(registry: ContainerRegistry) -> APIRouter:
    """Return the routes of a container's custody, history and label."""
    routes = APIRouter(prefix="/v1/containers", tags=["containers"])

    @routes.get("/{tag}/custody")
    def get_custody(tag: OpaqueId, _caller: Staff) -> CustodyView:
        container = registered(registry.containers.get(canonical(tag)).state)
        place_id = place_id_of(container.holder)
        operators = registry.places.operators([place_id] if place_id else [])
        return custody_view(container, owner_of(container.holder, operators))

    @routes.get("/{tag}/history")
    def history(
        tag: OpaqueId,
        _caller: Watcher,
        *,
        fill: Fill | None = None,
        cursor: Cursor = None,
        limit: Limit = 50,
    ) -> HistoryView:
        container = registered(registry.containers.get(canonical(tag)).state)
        steps = _steps(registry, container, fill or container.fill)
        start = int(decode_cursor(cursor, int)[0]) if cursor else 0
        page = steps[max(0, start) : max(0, start) + limit]
        end = max(0, start) + len(page)
        return HistoryView(
            tag=container.tag,
            fill=fill or container.fill,
            fills=container.fill,
            items=page,
            next=encode_cursor(end) if end < len(steps) else None,
        )

    @routes.get("/{tag}/label.pdf", response_class=Response)
    def label(tag: OpaqueId, _caller: Staff) -> Response:
        container = registered(registry.containers.get(canonical(tag)).state)
        name = f"inline; filename*=UTF-8''{quote(container.tag)}.pdf"
        return Response(
            registry.label(container),
            media_type="application/pdf",
            headers={"Content-Disposition": name},
        )

    return routes


def _steps(registry: ContainerRegistry, container: Container, number: int) -> list[StepView]:
    """Return the steps of a fill, in order."""
    fill = fill_of(container) if number == container.fill else None
    fill = fill or registry.fills.get(container.tag, number)
    if fill is None:
        raise NotFound("container.no_such_fill", "the container has had no such fill")
    steps = [deed_view(each) for each in fill.deeds]
    steps += [deposit_view(each) for each in fill.deposits]
    return sorted(steps, key=lambda each: (each.step, each.at))

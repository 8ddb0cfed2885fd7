"""The API of quarantine: what waits for a person, and what persons decide."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from services.tracking.adapters.mongo_search import MongoTaskSearch
from services.tracking.application.quarantine_desk import (
    QuarantineDesk,
    ResolveTask,
    resolve_task,
)
from services.tracking.domain.container import By
from services.tracking.domain.quarantine import TaskState
from services.tracking.entrypoints.container_bodies import ResolutionBody
from services.tracking.entrypoints.task_views import TaskView, task_view
from shared.contracts.topic import Code, CommunityCode, MaterialCode, OpaqueId
from shared.http.auth import Caller, role
from shared.http.idempotency import KeyedCall, keyed
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next
from shared.kernel.aggregate import Stored
from shared.kernel.errors import Invalid, NotFound

OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]
Watcher = Annotated[Caller, Depends(role("operator", "regulator", area=("regulator",)))]


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """What a list is narrowed to; a regulator sees the own area only."""

    state: TaskState | None = TaskState.OPEN
    reason: Code | None = None
    material: MaterialCode | None = None
    community_code: CommunityCode | None = None
    pickup_id: OpaqueId | None = None
    container_tag: OpaqueId | None = None
    cursor: Cursor = None

    def query(self, caller: Caller) -> dict[str, Any]:
        """Return the filter of the query, with the caller's own limits inside."""
        where = {
            "state.state": self.state and self.state.value,
            "state.reason": self.reason,
            "state.material": self.material,
            "state.community_code": self.community_code,
            "state.pickup_id": self.pickup_id,
            "state.container_tag": self.container_tag,
        }
        parts: list[dict[str, Any]] = [
            {field: value for field, value in where.items() if value is not None}
        ]
        if not caller.has("operator") and caller.area_code:
            area = {"$gte": caller.area_code, "$lt": f"{caller.area_code}:"}
            parts.append({"state.community_code": area})
        if self.cursor is not None:
            parts.append(_behind(self.cursor))
        return {"$and": parts}


def quarantine_router(desk: QuarantineDesk, search: MongoTaskSearch) -> APIRouter:
    """Return the routes of quarantine."""
    routes = APIRouter(prefix="/v1/quarantine", tags=["quarantine"])

    @routes.get("")
    def list_tasks(
        request: Request,
        response: Response,
        caller: Watcher,
        *,
        where: Annotated[TaskFilter, Depends()],
        limit: Limit = 50,
    ) -> Page[TaskView]:
        found = search.page(where.query(caller), limit=limit + 1)
        following = _cursor(found[limit - 1]) if len(found) > limit else None
        link_next(request, response, following)
        return Page(items=[task_view(each) for each in found[:limit]], next=following)

    @routes.get("/{task_id}")
    def get_task(task_id: OpaqueId, caller: Watcher, response: Response) -> TaskView:
        stored = desk.tasks.get(task_id)
        hidden = not caller.has("operator") and caller.area_code
        if hidden and not stored.state.community_code.startswith(str(caller.area_code)):
            raise NotFound("task.not_found", "there is no such thing")
        response.headers["ETag"] = f'"{stored.version}"'
        return task_view(stored)

    @routes.post("/{task_id}/resolutions", response_model=TaskView)
    def resolve(task_id: OpaqueId, body: ResolutionBody, call: OperatorCall) -> Response:
        cmd = ResolveTask(
            task_id=task_id,
            way=body.resolution,
            target=body.target,
            reason=body.reason,
            by=By("operator", call.caller.subject),
        )
        return call.respond(resolve_task(cmd, desk=desk, request=call.request(200, task_view)))

    return routes


def _cursor(last: Stored[Any]) -> str:
    opened_ms = round(last.state.opened_at.timestamp() * 1000)
    return encode_cursor(opened_ms, last.id)


def _behind(cursor: str) -> dict[str, Any]:
    opened_ms, task_id = decode_cursor(cursor, int, str)
    try:
        opened_at = datetime.fromtimestamp(int(opened_ms) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        raise Invalid("paging.cursor", "this cursor was never given") from None
    later = {"state.opened_at": {"$gt": opened_at}}
    return {"$or": [later, {"state.opened_at": opened_at, "_id": {"$gt": task_id}}]}

"""The route by which operators and regulators see what staff did for others."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Protocol

from fastapi import APIRouter, Depends, Query, Request, Response

from services.collection.entrypoints.people_views import AuditView
from shared.http.auth import Caller, role
from shared.http.paging import Cursor, Limit, Page, decode_cursor, encode_cursor, link_next

Auditor = Annotated[Caller, Depends(role("operator", "regulator", area=["regulator"]))]
Documents = dict[str, Any]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MILLISECOND = timedelta(milliseconds=1)


class Audits(Protocol):
    """Where the records are."""

    def page(self, where: Documents, *, behind: Documents | None, limit: int) -> list[Documents]:
        """Return records, the newest first."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What the list is narrowed to; a regulator of an area sees what was done there."""

    object_id: Annotated[str | None, Query(max_length=64)] = None
    actor: Annotated[str | None, Query(max_length=128)] = None
    cursor: Cursor = None

    def of(self, caller: Caller) -> Documents:
        """Return the filter of the query, with the caller's own limits inside."""
        asked = {"object_id": self.object_id, "actor": self.actor}
        where: Documents = {field: value for field, value in asked.items() if value is not None}
        if not caller.has("operator") and caller.area_code:
            where["community_code"] = {"$gte": caller.area_code, "$lt": f"{caller.area_code}:"}
        return where

    def behind(self) -> Documents | None:
        """Return the record that the last page ended with."""
        if self.cursor is None:
            return None
        at_ms, audit_id = decode_cursor(self.cursor, int, str)
        return {"at": EPOCH + _bounded(int(at_ms)) * MILLISECOND, "_id": audit_id}


def audits_router(audits: Audits) -> APIRouter:
    """Return the route."""
    router = APIRouter(prefix="/v1", tags=["audits"])

    @router.get("/audits")
    def list_audits(
        request: Request,
        response: Response,
        caller: Auditor,
        *,
        where: Annotated[AuditFilter, Depends()],
        limit: Limit = 50,
    ) -> Page[AuditView]:
        found = audits.page(where.of(caller), behind=where.behind(), limit=limit + 1)
        following = _cursor(found[limit - 1]) if len(found) > limit else None
        link_next(request, response, following)
        items = [AuditView(audit_id=each["_id"], **_shown(each)) for each in found[:limit]]
        return Page(items=items, next=following)

    return router


def _shown(record: Documents) -> Documents:
    return {name: value for name, value in record.items() if name != "_id"}


def _cursor(record: Documents) -> str:
    return encode_cursor((record["at"] - EPOCH) // MILLISECOND, record["_id"])


def _bounded(at_ms: int) -> int:
    """Keep made-up cursors within what a calendar can say."""
    return min(max(at_ms, 0), 4 * 10**12)

"""The API of tags: batches to be printed, or written to chips."""

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from services.tracking.application.ports import TagBatches
from services.tracking.application.tag_desk import IssueTags, issue_tags
from services.tracking.entrypoints.container_bodies import TagBatchBody
from services.tracking.entrypoints.tag_views import (
    TagBatchView,
    TagsView,
    batch_view,
    tags_view,
)
from shared.contracts.topic import OpaqueId
from shared.http.auth import Operator
from shared.http.idempotency import KeyedCall, keyed
from shared.kernel.clock import Clock

OperatorCall = Annotated[KeyedCall, Depends(keyed("operator"))]


def tag_router(batches: TagBatches, *, clock: Clock, epc_manager: int) -> APIRouter:
    """Return the routes of tags. `epc_manager` is the number that GS1 gave to the operator."""
    routes = APIRouter(prefix="/v1/tag-batches", tags=["tags"])

    @routes.post("", status_code=201, response_model=TagBatchView)
    def issue(body: TagBatchBody, call: OperatorCall) -> Response:
        cmd = IssueTags(
            batch_id=call.derived_id(),
            count=body.count,
            company_prefix=body.company_prefix,
            asset_type=body.asset_type,
            epc_manager=epc_manager if body.rfid else None,
            issued_by=call.caller.subject,
        )
        request = call.request(201, batch_view)
        return call.respond(issue_tags(cmd, batches=batches, clock=clock, request=request))

    @routes.get("/{batch_id}/tags")
    def tags(batch_id: OpaqueId, _caller: Operator) -> TagsView:
        return tags_view(batches.get(batch_id).state)

    @routes.get("/{batch_id}")
    def get_batch(batch_id: OpaqueId, _caller: Operator, response: Response) -> TagBatchView:
        stored = batches.get(batch_id)
        response.headers["ETag"] = f'"{stored.version}"'
        return batch_view(stored)

    return routes

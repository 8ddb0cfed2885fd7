"""Opaque keyset cursors: a page goes on behind the last item, whatever was added meanwhile."""

import base64
from typing import Annotated, Generic, TypeVar
from urllib.parse import quote, urlencode

import orjson
from fastapi import Query, Request, Response
from pydantic import BaseModel

from shared.http.body import WHOLE
from shared.kernel.errors import Invalid

T = TypeVar("T")
LIMIT_MAX = 200
CURSOR_MAX = 512

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX), WHOLE]
Cursor = Annotated[str | None, Query(max_length=CURSOR_MAX)]


class Page(BaseModel, Generic[T]):
    """One page. `next` is the cursor of the following one, absent on the last."""

    items: list[T]
    next: str | None = None


def encode_cursor(*keys: str | int) -> str:
    """Return the cursor behind an item with these sort keys."""
    return base64.urlsafe_b64encode(orjson.dumps(keys)).decode().rstrip("=")


def decode_cursor(cursor: str, *types: type[str] | type[int]) -> list[str | int]:
    """Return the sort keys, or raise `Invalid` (paging.cursor) for what was never given."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        keys = orjson.loads(raw)  # strict: no lone surrogates, no numbers beyond 64 bits
    except ValueError:
        raise Invalid("paging.cursor", "this cursor was never given") from None
    fits = isinstance(keys, list) and len(keys) == len(types)
    if not fits or not all(_fits(k, t) for k, t in zip(keys, types, strict=True)):
        raise Invalid("paging.cursor", "this cursor was never given")
    return list(keys)


def _fits(key: object, wanted: type[str] | type[int]) -> bool:
    return type(key) is wanted and not (isinstance(key, int) and abs(key) >= 2**63)


def link_next(request: Request, response: Response, cursor: str | None) -> None:
    """Add `Link: …; rel="next"` where there is a following page."""
    if cursor is not None:
        query = urlencode([*_others(request), ("cursor", cursor)])
        response.headers["Link"] = f'<{quote(request.scope["path"])}?{query}>; rel="next"'


def _others(request: Request) -> list[tuple[str, str]]:
    return [(name, held) for name, held in request.query_params.multi_items() if name != "cursor"]

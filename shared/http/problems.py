"""Problem details (RFC 9457). The only place where an error becomes an HTTP status.

Submitted values are never echoed: FastAPI's own 422 bodies would repeat phone numbers.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from shared.kernel.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    Rejected,
    Stale,
    Unavailable,
)
from shared.observability.tracing import trace_id

METHOD_NOT_ALLOWED = 405
MEDIA_TYPE = "application/problem+json"
ERRORS_SHOWN_MAX = 20
# Here the last part of the place is a name that the caller made up, and perhaps a phone number.
MADE_UP_NAMES = frozenset({"extra_forbidden", "invalid_key"})
STATUS_OF: Mapping[type[Rejected], int] = {
    Invalid: 422,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Stale: 412,
}
STATUS_OF_CODE = {
    "http.unauthenticated": 401,
    "http.precondition_required": 428,
    "http.too_many_requests": 429,
    "http.body_too_large": 413,
    "http.unsupported_media_type": 415,
    "http.not_json": 400,
    "idempotency.key_missing": 400,
    "paging.cursor": 400,
    "idempotency.key_malformed": 400,
}
TITLES = {
    400: "Bad request",
    401: "Not authenticated",
    403: "Forbidden",
    404: "Not found",
    405: "Method not allowed",
    408: "Too slow",
    409: "Conflict",
    412: "Precondition failed",
    413: "Body too large",
    415: "Unsupported media type",
    422: "Not acceptable as it is",
    428: "Precondition required",
    429: "Too many requests",
    500: "Internal error",
    503: "Temporarily unavailable",
}


def problem(
    status: int,
    code: str,
    *,
    detail: str = "",
    errors: Sequence[Mapping[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Response:
    """Return a problem response; `instance` is the trace's id, to be quoted to support."""
    body: dict[str, Any] = {
        "type": f"urn:greenloop:problem:{code}",
        "title": TITLES.get(status, "Error"),
        "status": status,
        "code": code,
    }
    if detail:
        body["detail"] = detail
    if errors:
        body["errors"] = list(errors)
    if facts:
        body["facts"] = dict(facts)
    held = trace_id()
    if held is not None:
        body["instance"] = f"urn:trace:{held}"
    return Response(
        orjson.dumps(body), status_code=status, media_type=MEDIA_TYPE, headers=dict(headers or {})
    )


def rejected(error: Rejected) -> Response:
    """Return the 4xx of a rejection."""
    status = STATUS_OF_CODE.get(error.code) or next(
        (code for family, code in STATUS_OF.items() if isinstance(error, family)), 400
    )
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    if status == 429:
        headers["Retry-After"] = "1"
    detail = error.message if error.message != error.code else ""
    return problem(status, error.code, detail=detail, headers=headers, facts=error.facts)


def unavailable(error: Unavailable) -> Response:
    """Return the 503 of an unavailability."""
    headers = {"Retry-After": str(error.retry_after_s)}
    return problem(503, error.code, detail=error.message, headers=headers)


def add_problem_handlers(app: FastAPI) -> None:
    """Let `app` answer every error as a problem."""
    app.add_exception_handler(Rejected, _on_rejected)
    app.add_exception_handler(Unavailable, _on_unavailable)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(Exception, _on_bug)


async def _on_rejected(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Rejected):
        raise error
    return rejected(error)


async def _on_unavailable(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Unavailable):
        raise error
    return unavailable(error)


async def _on_invalid(_request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    found = error.errors()[:ERRORS_SHOWN_MAX]
    if any(each["type"] == "json_invalid" for each in found):
        return problem(400, "http.not_json", detail="the body is not JSON")
    errors = [_shown(each) for each in found]
    return problem(422, "http.invalid_input", detail="see errors", errors=errors)


def _shown(found: Mapping[str, Any]) -> dict[str, str]:
    code = str(found["type"])
    where = list(found["loc"])
    if code in MADE_UP_NAMES:
        where = where[:-1]
    return {"pointer": _pointer(where), "code": code}


def _pointer(where: Sequence[int | str]) -> str:
    """Return a JSON pointer (RFC 6901) below /body, /query or /path."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in where)


async def _on_http(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    codes = {404: "http.no_such_path", 405: "http.method_not_allowed", 400: "http.not_json"}
    code = codes.get(error.status_code, f"http.{error.status_code}")
    headers = dict(error.headers or {})
    if error.status_code == METHOD_NOT_ALLOWED and (allowed := _allowed(request)):
        headers["Allow"] = ", ".join(sorted(allowed))
    return problem(error.status_code, code, headers=headers)


def _allowed(request: Request) -> set[str]:
    """Return the methods of all routes at a path; the framework tells those of the first."""
    routes: Sequence[APIRoute] = request.app.state.routes
    path = request.scope["path"]
    return {m for route in routes if route.path_regex.match(path) for m in route.methods or ()}


async def _on_bug(_request: Request, _error: Exception) -> Response:
    # Starlette raises it again after this answer; the edge logs it, without its words.
    return problem(500, "http.internal")

"""What dependencies read from headers, told in the OpenAPI document.

They read the headers themselves (FastAPI would answer 422 where 400, 401 or 428 is right), so
FastAPI does not see them: each dependency says what it needs, and `describe` adds it.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

C = TypeVar("C", bound=Callable[..., Any])
Json = dict[str, Any]

TOKEN = "token"  # noqa: S105 - the name of a scheme
IF_MATCH = "If-Match"
IDEMPOTENCY_KEY = "Idempotency-Key"
HEADERS: dict[str, Json] = {
    IF_MATCH: {
        "name": IF_MATCH,
        "in": "header",
        "required": True,
        "description": "The ETag of the version that the change is meant for, or *.",
        "schema": {"type": "string"},
    },
    IDEMPOTENCY_KEY: {
        "name": IDEMPOTENCY_KEY,
        "in": "header",
        "required": True,
        "description": "One key, one effect: a repeat within 7 days gets the first answer.",
        "schema": {"type": "string", "minLength": 1, "maxLength": 128},
    },
}
SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "Roles: resident, collector, company, operator, regulator.",
}


def documented(dependency: C, *, needs: Sequence[str]) -> C:
    """Return the dependency, marked with what it needs of a request."""
    dependency.needs = tuple(needs)  # type: ignore[attr-defined]  # a function takes attributes
    return dependency


def describe(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Let `app`'s OpenAPI document tell what the routes' dependencies need."""
    plain = app.openapi

    def openapi() -> Json:
        document = plain()
        document.setdefault("components", {})["securitySchemes"] = {TOKEN: SCHEME}
        for route in _routes(routers):
            for method in route.methods or ():
                _tell(document["paths"][route.path_format][method.lower()], _needs(route))
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _routes(routers: Sequence[APIRouter]) -> Iterator[APIRoute]:
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                yield route


def _needs(route: APIRoute) -> set[str]:
    return {need for call in _calls(route.dependant) for need in getattr(call, "needs", ())}


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for below in dependant.dependencies:
        if below.call is not None:
            yield below.call
        yield from _calls(below)


def _tell(operation: Json, needs: set[str]) -> None:
    if TOKEN in needs:
        operation["security"] = [{TOKEN: []}]
    told = {each["name"] for each in operation.get("parameters", [])}
    added = [HEADERS[name] for name in sorted(needs & HEADERS.keys() - told)]
    if added:
        operation["parameters"] = [*operation.get("parameters", []), *added]

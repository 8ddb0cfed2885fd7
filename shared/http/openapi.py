"""What dependencies read from headers, told in the OpenAPI document.

They read the headers themselves (FastAPI would answer 422 where 400, 401 or 428 is right), so
FastAPI does not see them: each dependency says what it needs, and `describe` adds it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute

from shared.http.access import Access, narrowed

C = TypeVar("C", bound=Callable[..., Any])
Json = dict[str, Any]

ROLES_KEY, PUBLIC_KEY = "x-roles", "x-public"
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


@dataclass(frozen=True, slots=True)
class Told:
    """What a dependency tells of the routes that use it."""

    needs: tuple[str, ...]
    access: Access | None = None
    public: str | None = None


def documented(
    dependency: C, *, needs: Sequence[str], access: Access | None = None, public: str | None = None
) -> C:
    """Return the dependency, marked with what it needs of a request and whom it lets pass."""
    dependency.told = Told(tuple(needs), access, public)  # type: ignore[attr-defined]  # a function takes attributes
    return dependency


def describe(app: FastAPI, routers: Sequence[APIRouter]) -> None:
    """Let `app`'s OpenAPI document tell what the routes' dependencies need."""
    plain = app.openapi

    def openapi() -> Json:
        document = plain()
        document.setdefault("components", {})["securitySchemes"] = {TOKEN: SCHEME}
        for route in (each for each in routes_of(routers) if each.include_in_schema):
            for method in route.methods or ():
                operation = document["paths"][route.path_format][method.lower()]
                _tell(operation, list(_told(route)))
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def routes_of(routers: Sequence[APIRouter]) -> Iterator[APIRoute]:
    """Yield the routes that were declared on routers."""
    for router in routers:
        for route in router.routes:
            if isinstance(route, APIRoute):
                yield route


def _told(route: APIRoute) -> Iterator[Told]:
    for call in _calls(route.dependant):
        held = getattr(call, "told", None)
        if isinstance(held, Told):
            yield held


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    for below in dependant.dependencies:
        if below.call is not None:
            yield below.call
        yield from _calls(below)


def _tell(operation: Json, told: Sequence[Told]) -> None:
    needs = {need for each in told for need in each.needs}
    if TOKEN in needs:
        operation["security"] = [{TOKEN: []}]
    accesses = [each.access for each in told if each.access is not None]
    if accesses:
        operation[ROLES_KEY] = dict(sorted(narrowed(accesses).items()))
    for each in told:
        if each.public is not None:
            operation[PUBLIC_KEY] = each.public
            operation["security"] = []
    known = {each["name"] for each in operation.get("parameters", [])}
    added = [HEADERS[name] for name in sorted(needs & HEADERS.keys() - known)]
    if added:
        operation["parameters"] = [*operation.get("parameters", []), *added]

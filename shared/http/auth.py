"""Who calls, and in which role. Object-level checks are part of each service's queries."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request

from shared.http import access
from shared.http.access import Role, access_of
from shared.http.openapi import TOKEN, documented
from shared.http.tokens import Tokens, unauthenticated
from shared.kernel.errors import Forbidden

ROLES = frozenset(access.ROLES)


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller. `area_code` narrows a regulator to a division's prefix."""

    subject: str
    roles: frozenset[str]
    area_code: str | None = None

    def has(self, role: Role) -> bool:
        """Say whether the caller has the role."""
        return role in self.roles


def caller_of(request: Request) -> Caller:
    """Return the caller of a request, or raise `Rejected` (http.unauthenticated)."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise unauthenticated()
    tokens: Tokens = request.app.state.tokens
    return _caller(tokens.claims(token.strip()))


def role(
    *wanted: Role, own: Collection[Role] = (), area: Collection[Role] = ()
) -> Callable[[Request], Any]:
    """Return a dependency that gives the `Caller`, who has one of the `wanted` roles.

    Those in `own` reach their own objects only, those in `area` their token's area: the handler's
    promise, told in the OpenAPI document. Raises `Rejected` (http.unauthenticated, 401) or
    `Forbidden` (auth.role, 403).
    """

    async def caller(request: Request) -> Caller:
        return permitted(request, *wanted)

    return documented(caller, needs=(TOKEN,), access=access_of(wanted, own=own, area=area))


def public(because: str) -> Callable[[], Any]:
    """Return a dependency for a route that needs no token; `because` says what guards it instead.

    A route that has neither this nor a role is a mistake, and a test finds it.
    """

    async def anybody() -> None:
        return None

    return documented(anybody, needs=(), public=because)


def permitted(request: Request, *wanted: Role) -> Caller:
    """Return the caller who has one of the `wanted` roles."""
    found = caller_of(request)
    if not found.roles.intersection(wanted):
        raise Forbidden("auth.role", "this needs another role")
    return found


def _caller(claims: dict[str, Any]) -> Caller:
    roles = ROLES.intersection(claims.get("roles", ()))
    area = claims.get("area_code")
    return Caller(claims["sub"], roles, area if isinstance(area, str) else None)


Resident = Annotated[Caller, Depends(role("resident", "operator"))]
Collector = Annotated[Caller, Depends(role("collector"))]
Operator = Annotated[Caller, Depends(role("operator"))]
Watcher = Annotated[Caller, Depends(role("operator", "regulator"))]
Anybody = Annotated[Caller, Depends(role(*access.ROLES))]

"""Who may use a route, and on which objects: declared where it is enforced, so that it can be told.

`role` and `keyed` (shared.http.auth, shared.http.idempotency) enforce the roles that they declare.
The scope is the promise of the handler behind: its queries hold to it, and a test of the service
proves it (tests/integration/test_ownership.py).
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

Role = Literal["resident", "collector", "company", "operator", "regulator"]
Scope = Literal["any", "own", "area"]
ROLES: tuple[Role, ...] = ("resident", "collector", "company", "operator", "regulator")

# any: every object. own: the caller's; another's is not found. area: those of the token's area.
Access = Mapping[Role, Scope]


def access_of(
    roles: Iterable[Role], *, own: Collection[Role] = (), area: Collection[Role] = ()
) -> Access:
    """Return the scope of each role; `own` and `area` name roles that reach less than any object.

    Raises `ValueError` for a scope of a role that has no access: a slip in a route's declaration.
    """
    allowed = tuple(dict.fromkeys(roles))
    if not {*own, *area} <= {*allowed} or {*own} & {*area}:
        raise ValueError("a scope is one of a role that has access, and one only")
    return {each: "own" if each in own else "area" if each in area else "any" for each in allowed}


def narrowed(accesses: Iterable[Access]) -> Access:
    """Return what is left of several declarations on one route: all of them must let pass."""
    held, *others = accesses
    left = {each: scope for each, scope in held.items() if all(each in other for other in others)}
    for other in others:
        left |= {each: other[each] for each, scope in left.items() if scope == "any"}
    return left

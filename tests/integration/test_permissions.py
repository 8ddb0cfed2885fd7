"""Every route, asked as every role and without a token, answers as docs/permissions.md says."""

import asyncio
import re
from typing import Annotated

import pytest
from fastapi import APIRouter, Depends
from fastapi.routing import APIRoute
from starlette.routing import Route

from shared.http.access import ROLES
from shared.http.app import create_app
from shared.http.auth import Caller, public, role
from shared.http.openapi import PUBLIC_KEY, ROLES_KEY
from shared.observability.settings import ServiceSettings
from tests.architecture.source_tree import ROOT
from tests.integration.every_service import SERVICES, Api, Operation, running

pytestmark = pytest.mark.integration

INTERNAL = {"/livez", "/readyz", "/metrics"}
DOCUMENTATION = {"/openapi.json", "/docs", "/docs/oauth2-redirect"}
NOBODY = "without a token"


@pytest.fixture(scope="module", params=SERVICES)
def api(request, mongodb_uri, tmp_path_factory):
    with running(request.param, mongodb_uri, tmp_path_factory.mktemp("state")) as made:
        yield made


def verdict(response):
    """Return what an answer says of the caller: 401, 403, or that the role may use the route."""
    if response.status_code == 401:
        return "401"
    is_role = response.status_code == 403 and response.json()["code"] == "auth.role"
    return "403" if is_role else "passes"


def expected(operation: Operation, role_: str):
    if PUBLIC_KEY in operation.told:
        return "passes"
    if role_ == NOBODY:
        return "401"
    return "passes" if role_ in operation.told.get(ROLES_KEY, {}) else "403"


async def answers(api: Api):
    """Ask every route as everybody; bodies and ids are made up, only who asks is looked at."""
    found = {}
    async with api.client() as client:
        for operation in api.operations():
            for role_ in (*ROLES, NOBODY):
                headers = {"Idempotency-Key": f"{operation.path}-{role_}", "If-Match": "*"}
                if role_ != NOBODY:
                    headers["Authorization"] = f"Bearer {api.token(role_)}"
                response = await client.request(
                    operation.method.upper(),
                    re.sub(r"{[^}]+}", "made-up", operation.path),
                    headers=headers,
                    json={} if operation.method != "get" else None,
                )
                found[str(operation), role_] = verdict(response)
    return found


def test_every_route_lets_pass_whom_the_matrix_names_and_nobody_else(api):
    wanted = {
        (str(operation), role_): expected(operation, role_)
        for operation in api.operations()
        for role_ in (*ROLES, NOBODY)
    }

    found = asyncio.run(answers(api))

    assert {key: found[key] for key in wanted if found[key] != wanted[key]} == {}
    assert len(found) == len(api.operations()) * (len(ROLES) + 1) > 0


def test_every_route_declares_a_role_or_what_guards_it_instead(api):
    open_ = [str(each) for each in api.operations() if not declares(each.told)]

    assert open_ == []


def test_no_route_is_hidden_from_the_matrix(api):
    told = {operation.path for operation in api.operations()}

    assert paths_of(api.app.routes) - told == INTERNAL | DOCUMENTATION


def test_the_page_has_every_route(api):
    page = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")

    assert [str(each) for each in api.operations() if f"`{each}`" not in page] == []


def declares(told):
    return bool(told.get(ROLES_KEY)) != bool(told.get(PUBLIC_KEY))


def paths_of(routes):
    """Return the paths of all routes, of included routers too."""
    found = set()
    for route in routes:
        if isinstance(route, APIRoute | Route):
            found.add(route.path)
        else:
            included = getattr(route, "original_router", route)  # FastAPI's own wrapper of a router
            found |= paths_of(getattr(included, "routes", ()))
    return found


@pytest.fixture
def mistaken(tmp_path):
    """An API whose routes were declared in all the ways that there are."""
    router = APIRouter()

    @router.get("/forgotten")
    def forgotten() -> str:
        return "everybody reads this"

    @router.get("/feed", dependencies=[Depends(public("the token in its path"))])
    def feed() -> str:
        return "guarded by its path"

    @router.get("/both", dependencies=[Depends(role("resident", "operator", own=["resident"]))])
    def both(_caller: Annotated[Caller, Depends(role("operator", "regulator"))]) -> str:
        return "two declarations"

    settings = ServiceSettings(state_dir=tmp_path)
    return create_app(title="t", routers=[router], settings=settings, ready=lambda: True)


def test_sees_a_route_that_was_forgotten(mistaken):
    paths = mistaken.openapi()["paths"]

    assert [path for path in paths if not declares(paths[path]["get"])] == ["/forgotten"]
    assert paths["/feed"]["get"][PUBLIC_KEY] == "the token in its path"


def test_several_declarations_on_a_route_are_what_all_let_pass(mistaken):
    assert mistaken.openapi()["paths"]["/both"]["get"][ROLES_KEY] == {"operator": "any"}


def test_a_route_that_is_included_is_found(mistaken):
    assert {"/forgotten", "/feed", "/both", *INTERNAL} <= paths_of(mistaken.routes)

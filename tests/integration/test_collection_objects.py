"""No route of collection lets a role reach any object by mistake: what is open is listed here.

That a declared `own` or `area` is kept is proven by tests/integration/owned/collection.py.
"""

import pytest

from shared.http.openapi import ROLES_KEY
from tests.integration.every_service import running

pytestmark = pytest.mark.integration

# What belongs to nobody, and what everybody may make for themselves.
NOBODYS = {
    "GET /v1/communities/{community_code}/rules",
    "GET /v1/estimates",
    "GET /v1/materials",
    "GET /v1/slots",
    "GET /v1/working-days",
    "GET /v1/erasures/{erasure_id}",  # who knows its id was told it; it names nobody
    "GET /v1/notice-preferences",
    "POST /v1/notice-preferences",
    "POST /v1/memberships",
    "POST /v1/households",
    "POST /v1/person",
    "GET /v1/campaigns",
    "GET /v1/campaigns/{campaign_id}",
    "GET /v1/drives",
    "GET /v1/drives/{drive_id}",
    "GET /v1/sites/{site_id}",
    "GET /v1/reconciliation",
}
# A fact from the door is taken from whichever crew tells it, and flagged (domain/judging.py).
ANY_CREW = {
    "POST /v1/card-scans",
    "POST /v1/drives/{drive_id}/visits",
    "GET /v1/pickups/{pickup_id}/events",
    "GET /v1/pickups/{pickup_id}",
    "GET /v1/pickups/{pickup_id}/history",
    "POST /v1/pickups/{pickup_id}/approach",
    "POST /v1/pickups/{pickup_id}/weigh-ins",
    "POST /v1/pickups/{pickup_id}/outcomes",
    "POST /v1/pickups/{pickup_id}/corrections",
}
ALLOWED = {"collector": NOBODYS | ANY_CREW}


def too_open(operations):
    """Return the cells that reach any object without being listed; operators reach all."""
    return sorted(
        f"{role}: {operation}"
        for operation, scopes in operations
        for role, scope in scopes.items()
        if scope == "any" and role != "operator" and operation not in ALLOWED.get(role, NOBODYS)
    )


def test_a_role_reaches_any_object_only_where_it_is_said(mongodb_uri, tmp_path):
    with running("collection", mongodb_uri, tmp_path) as api:
        told = [(str(each), each.told.get(ROLES_KEY, {})) for each in api.operations()]

    assert too_open(told) == []
    assert {operation for operation, _ in told} >= NOBODYS | ANY_CREW


def test_sees_a_route_that_is_open_by_mistake():
    routes = [("GET /v1/secrets/{secret_id}", {"resident": "any", "operator": "any"})]

    assert too_open(routes) == ["resident: GET /v1/secrets/{secret_id}"]

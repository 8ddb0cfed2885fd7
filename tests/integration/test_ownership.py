"""A role that reaches its own objects, or its area's, reaches no other's: each declared cell."""

import asyncio

import pytest

from shared.http.openapi import ROLES_KEY
from shared.kernel.ids import new_id
from tests.architecture.source_tree import ROOT
from tests.integration.every_service import SERVICES, running
from tests.integration.owned import cases_of
from tests.integration.owned.streams import STREAMS

pytestmark = pytest.mark.integration

CASES = [(service, case) for service in SERVICES for case in cases_of(service)]


def ask(api, case, asking):
    headers = {
        "Authorization": f"Bearer {api.token(case.role, **asking.who)}",
        "Idempotency-Key": new_id(),
        "If-Match": "*",
    }

    async def answer():
        async with api.client() as client:
            method = case.operation.partition(" ")[0]
            return await client.request(method, asking.path, headers=headers, **asking.sent)

    return asyncio.run(answer())


@pytest.mark.parametrize(("service", "case"), CASES, ids=str)
def test_reaches_the_own_and_no_other(service, case, mongodb_uri, tmp_path):
    with running(service, mongodb_uri, tmp_path) as api:
        own, other = case.arrange(api)

        others = ask(api, case, other)
        owners = ask(api, case, own)

    assert others.status_code in (200, 403, 404)
    assert not case.reaches(others)
    assert case.reaches(owners)


@pytest.mark.parametrize("service", SERVICES)
def test_each_declared_cell_is_proven(service, mongodb_uri, tmp_path):
    with running(service, mongodb_uri, tmp_path) as api:
        declared = {
            f"{role}: {operation}"
            for operation in api.operations()
            for role, scope in operation.told.get(ROLES_KEY, {}).items()
            if scope != "any"
        }

    streams = STREAMS.get(service, {})
    assert declared == {str(case) for case in cases_of(service)} | set(streams)
    for path, test in streams.values():
        assert f"def {test}(" in (ROOT / path).read_text(encoding="utf-8")

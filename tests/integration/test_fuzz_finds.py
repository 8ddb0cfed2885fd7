"""The fuzz, and the walk of what is hostile, see what they are there to see."""

from typing import Annotated

import pytest
from fastapi import APIRouter, Query
from pydantic import Field

from shared.http.app import create_app
from shared.http.body import WHOLE, Body
from shared.http.local_issuer import ensure_issuer
from shared.observability.settings import ServiceSettings
from tests.fuzz.harness import fuzz, quiet_logs
from tests.integration.every_service import Api
from tests.integration.test_hostile_input import walked


class LaxBody(Body):
    count: Annotated[int, Field(strict=False, ge=1)]
    text: str


@pytest.fixture
def mistaken(tmp_path):
    """An API with one mistake a route, behind the real edge."""
    router = APIRouter(prefix="/v1")

    @router.get("/bug")
    def bug() -> None:
        raise KeyError

    @router.get("/untold")
    def untold(page: Annotated[Annotated[int, WHOLE], Query(le=3)] = 1) -> dict[str, int]:
        return {"page": page}

    @router.post("/lax")
    def lax(body: LaxBody) -> dict[str, int]:
        return {"count": body.count}

    ensure_issuer(tmp_path)
    settings = ServiceSettings(state_dir=tmp_path)
    app = create_app(title="t", routers=[router], settings=settings, ready=lambda: True)
    return Api("mistaken", app, settings, None)


def test_the_fuzz_finds_a_bug_and_bounds_that_the_document_does_not_tell(mistaken):
    report = fuzz(mistaken, examples=20, seed=1, chains=0)

    found = {each.operation for each in report.findings}
    assert {"GET /v1/bug", "GET /v1/untold"} <= found
    assert any("Server error" in each.title for each in report.findings)


def test_the_walk_finds_numbers_as_text_and_texts_and_numbers_without_a_bound(mistaken):
    with quiet_logs():
        found = walked(mistaken).found

    took = [each for each in found if each.startswith("POST /v1/lax took")]
    assert any("'1' at ('count',)" in each for each in took)
    assert any("'9223372036854775808' at ('count',)" in each for each in took)
    assert any("'xxx" in each and each.endswith("('text',)") for each in took)

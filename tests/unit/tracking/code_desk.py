"""The API of the code tables and the exemption rules, asked in this process."""

import asyncio
from datetime import UTC, datetime

import httpx

from services.tracking.adapters.exemptions import TableExemptions
from services.tracking.entrypoints import codes, exemptions
from shared.http.app import create_app
from shared.http.local_issuer import ensure_issuer, issue_token
from shared.kernel.clock import ManualClock
from shared.observability.settings import ServiceSettings
from tests.unit.tracking.yard import Yard

# Past midnight in Shanghai: the legal day is 2026-11-09, while in UTC it is still the day before.
EU_MIDNIGHT = datetime(2026, 11, 8, 16, 0, tzinfo=UTC)
LEG = {"leg": "transport", "holder": "household", "material": "lead-acid-batteries"}


class Desk:
    """The API of both routers, with a clock that stands at the EU's midnight."""

    def __init__(self, folder):
        ensure_issuer(folder)
        self.folder = folder
        self.yard = Yard()
        clock = ManualClock(EU_MIDNIGHT)
        self._app = create_app(
            title="tracking",
            routers=[
                codes.router(clock),
                exemptions.router(
                    TableExemptions(),
                    self.yard.journals,
                    stores=frozenset({"central-1"}).intersection,
                    clock=clock,
                ),
            ],
            settings=ServiceSettings(state_dir=folder),
            ready=lambda: True,
        )

    def get(self, path, *, role="company", area_code=None, **params):
        headers = {}
        if role:
            caller = {"subject": "c-1", "roles": [role], "area_code": area_code}
            headers = {"Authorization": f"Bearer {issue_token(self.folder, **caller)}"}

        async def answer():
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://api") as client:
                return await client.get(path, params=params, headers=headers)

        return asyncio.run(answer())

    def decide(self, **facts):
        return self.get("/v1/exemptions/decision", **{**LEG, **facts})

"""Residents who book under all rules: own households, cut-offs in working days, closures, a share
of open bookings, questions about hazardous things, and an estimate by a list of prices.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from pymongo import MongoClient

from services.collection.adapters.mongo_prices import MongoPriceLists
from services.collection.domain.estimate import PriceLine, PriceList
from shared.http.local_issuer import issue_token
from shared.kernel.aggregate import Decision
from shared.kernel.ids import new_id

Json = dict[str, Any]
DAY = date.today() + timedelta(days=14)  # noqa: DTZ011 - any coming day behind the cut-offs will do
ITEMS: list[Json] = [
    {"material": "cardboard", "estimated_mass_g": 3_000},
    {"material": "glass", "pieces": 6},
    {"material": "lead-acid-batteries", "estimated_mass_g": 9_000, "condition": "intact"},
]
WEEK = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
CUT_OFF = {"at": "20:00", "days_before": 2, "working_days": True}
RULES: Json = {
    **dict.fromkeys(("book", "amend", "cancel"), CUT_OFF),
    "weekly": [{"weekdays": WEEK, "band": "afternoon", "capacity": 10}],
    "closures": [
        {
            "first": (DAY + timedelta(days=40 + n)).isoformat(),
            "last": (DAY + timedelta(days=40 + n)).isoformat(),
            "reason": "holiday",
        }
        for n in range(20)
    ],
}


@dataclass(frozen=True, slots=True)
class Order:
    """Who asks, and for what."""

    token: str
    body: Json


class City:
    """What an operator and residents tell a collection's API before they book."""

    def __init__(self, port: int, state_dir: Path) -> None:
        """Sends one request after another."""
        self._http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30)
        self._state_dir = state_dir
        self._staff = issue_token(state_dir, subject="bench", roles=["operator"])

    def rule(self, code: str) -> None:
        """Set a community's rules."""
        self._post(f"/v1/communities/{code}/rules", RULES, self._staff)

    def slot(self, code: str, *, capacity: int, day: date = DAY) -> str:
        """Open a slot; return its id."""
        slot = {"community_code": code, "service_day": day.isoformat(), "band": "morning"}
        opened = self._post("/v1/slots", {**slot, "capacity": capacity}, self._staff)
        return str(opened["slot_id"])

    def resident(self, number: int, code: str) -> tuple[str, str]:
        """Register a resident's household; return the resident's token and its id."""
        token = issue_token(self._state_dir, subject=f"resident-{number}", roles=["resident"])
        place = {"community_code": code, "latitude": 26.08, "longitude": 119.3}
        return token, self._post("/v1/households", place, token)["household_id"]

    def close(self) -> None:
        """Disconnect."""
        self._http.close()

    def _post(self, path: str, body: Json, token: str) -> Json:
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": new_id()}
        answer = self._http.post(path, json=body, headers=headers)
        answer.raise_for_status()
        held: Json = answer.json()
        return held


def order(token: str, household_id: str, slot_id: str) -> Order:
    """Return a booking of all kinds of items."""
    return Order(token, {"household_id": household_id, "slot_id": slot_id, "items": ITEMS})


def publish_prices(mongodb_uri: str, database: str) -> None:
    """Keep a list of prices as the reaction to pricing's event does."""
    materials = ("cardboard", "glass", "lead-acid-batteries")
    lines = tuple(PriceLine(name, grade, 100) for name in materials for grade in ("A", "B", "C"))
    prices = PriceList("list-1", "35", datetime(2026, 1, 1, tzinfo=UTC), None, lines)
    with MongoClient(mongodb_uri) as client:
        MongoPriceLists(client[database]["price_lists"]).create("list-1", Decision(prices))

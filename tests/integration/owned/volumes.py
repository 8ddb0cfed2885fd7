"""Regulators reach the communities of their token's area only."""

from shared.kernel.clock import legal_day
from tests.integration.owned import Asking, Case

COMMUNITY = "350102001001"
HOUR_S = 1_764_000_000
HERE, ELSEWHERE = {"area_code": "3501"}, {"area_code": "3502"}
HOURS = {"from": "2025-11-24T00:00:00Z", "to": "2025-11-26T00:00:00Z"}
DAYS = {"from": "2025-11-24", "to": "2025-11-26"}


def counted(api):
    """Keep a row and a live tile of a community."""
    sums = {(COMMUNITY, HOUR_S): {"cardboard|A": [1_000, 1]}}
    api.wiring.rows.add(0, 1, sums)
    today = legal_day(api.settings.clock().now())
    api.wiring.live.keep(today, {COMMUNITY: 1_000})


def both(path, **params):
    sent = {"params": params}
    return Asking(path, HERE, sent), Asking(path, ELSEWHERE, sent)


def hourly(api):
    counted(api)
    return both("/v1/volumes/hourly", area_code="350102", **HOURS)


def daily(api):
    counted(api)
    return both("/v1/volumes/daily", area_code="350102", **DAYS)


def live(api):
    counted(api)
    return both("/v1/live")


def has_items(response):
    return response.is_success and bool(response.json()["items"])


CASES = [
    Case("GET /v1/volumes/hourly", "regulator", hourly, reaches=has_items),
    Case("GET /v1/volumes/daily", "regulator", daily, reaches=has_items),
    Case("GET /v1/live", "regulator", live, reaches=lambda r: COMMUNITY in r.json()["mass_g"]),
]

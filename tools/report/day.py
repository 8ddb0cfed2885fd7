"""A simulated day over a running stack, and the books of all who took part."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from deploy.local.layout import Layout
from deploy.local.problems import StackProblem
from deploy.local.stack import Running
from shared.http.local_issuer import issue_token
from shared.kernel.clock import FileClock, legal_day, write_clock_file
from tools.report.books import Books, PartyBooks
from tools.report.conservation import lines
from tools.simulator.api import ANYBODY, OPERATOR, Api
from tools.simulator.calibration import Noise
from tools.simulator.city import make_city
from tools.simulator.company import Company
from tools.simulator.persons import names_somebody
from tools.simulator.sites import read_sites
from tools.simulator.stage import Progress, Stage
from tools.simulator.tally import Tally

DRAINED_WITHIN_S = 120.0
POLL_S = 0.5
TOKEN_TTL_S = 6 * 3600


@dataclass(frozen=True, slots=True)
class Day:
    """What is asked for."""

    pickups: int
    seed: int
    sites: str


def api_of(layout: Layout, held: Running, *, seed: int, repeat_share: float) -> Api:
    """Return the way into a running stack's APIs, as any caller."""

    @lru_cache(maxsize=50_000)
    def token(role: str, subject: str) -> str:
        return issue_token(layout.state_dir, subject=subject, roles=[role], ttl_s=TOKEN_TTL_S)

    return Api(held.urls(), token, repeat_share, random.Random(seed))


def stage_of(day: Day, layout: Layout, held: Running, *, progress: Progress, tally: Tally) -> Stage:
    """Return a new day's stage, two days after the business clock's present day.

    `tally` goes on from earlier days of the same stack, whose books are never emptied.
    """
    noise = Noise()
    given = read_sites(Path(day.sites)) if day.sites else None
    today = legal_day(FileClock(layout.clock_file).now())
    city = make_city(
        pickups=day.pickups,
        seed=day.seed,
        service_day=today + timedelta(days=2),
        given=given,
        noise=noise,
    )

    def set_clock(instant: datetime) -> None:
        write_clock_file(layout.clock_file, base=instant, rate=1.0)

    api = api_of(layout, held, seed=day.seed, repeat_share=noise.repeated_request)
    return Stage(city, api, noise, tally, progress, set_clock, day.seed)


def drained_books(
    api: Api, company: Company, tally: Tally | None, *, within_s: float = DRAINED_WITHIN_S
) -> Books:
    """Return the books once everything has arrived everywhere, or as they are after `within_s`."""
    deadline = time.monotonic() + within_s
    while True:
        books = read_books(api, company, tally)
        if all(line.holds for line in lines(books)) or time.monotonic() > deadline:
            return books
        time.sleep(POLL_S)


def read_books(api: Api, company: Company, tally: Tally | None) -> Books:
    """Ask every service for its books, and the company for what it saw."""
    services = {name: api.get(name, "/v1/reconciliation", caller=OPERATOR) for name in api.urls}
    if company.failure is not None:
        raise StackProblem(f"the sample company stopped: {company.failure}")
    return Books(
        services=services,
        topics=company.published(),
        duplicates=company.duplicates,
        gaps=len(company.gaps),
        company_volume_g=company.volume_by_material(),
        named_on_topics=company.named,
        records_read=company.records,
        board_sites=_board_sites(api),
        tally_counts=dict(tally.counts) if tally else None,
        tally_mass_g=dict(tally.mass_g) if tally else {},
        seen_of_manifests=company.manifests(),
        parties=_parties(api, tally) if tally else (),
    )


def with_logs(books: Books, logs: Path) -> Books:
    """Return the books with how many lines of the stack's own logs name somebody, once drained."""
    named = 0
    for log in sorted(logs.glob("*.log")):
        with log.open("rb") as lines_of_log:
            named += sum(names_somebody(line) for line in lines_of_log)
    return replace(books, named_in_logs=named)


def _board_sites(api: Api) -> int:
    """Count the sites on the public boards of all campaigns, asked for without a token."""
    listed = api.get("collection", "/v1/campaigns", caller=OPERATOR, limit="100")["items"]
    paths = [f"/v1/campaigns/{each['campaign_id']}/board" for each in listed]
    return sum(len(api.get("collection", path, caller=ANYBODY)["ranking"]) for path in paths)


def _parties(api: Api, tally: Tally) -> list[PartyBooks]:
    """Ask for the books of all parties that were promised something."""
    known = {party_id for party_id, _ in tally.crates} | set(tally.accepted_g)
    return [_party(api, tally, party_id) for party_id in sorted(known)]


def _party(api: Api, tally: Tally, party_id: str) -> PartyBooks:
    crates: Mapping[str, Any] = {"held": [], "lost": []}
    if tally.crates[party_id, "issues"]:
        crates = api.get("tracking", f"/v1/parties/{party_id}/crates", caller=OPERATOR)
    account = {"account": f"party/{party_id}/", "is_prefix": "true"}
    lies = api.get("tracking", "/v1/stock", caller=OPERATOR, **account)["items"]
    return PartyBooks(
        party_id,
        issued=tally.crates[party_id, "issues"],
        returned=tally.crates[party_id, "returns"],
        held=sum(each["pieces"] for each in crates["held"]),
        lost=sum(each["pieces"] for each in crates["lost"]),
        accepted_g=tally.accepted_g[party_id],
        ledger_g=sum(each["mass_g"] for each in lies),
    )

"""The city's staff registers the parties of transfers with their permits, and issues crates."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from shared.kernel.clock import at_local
from shared.reference.crate_types import crate_type
from shared.reference.material_codes import code_of_material
from tools.simulator.api import OPERATOR, Json
from tools.simulator.calibration import HAZARDOUS_MIX
from tools.simulator.stage import Stage
from tools.simulator.trade import SECURITY_CODE, as_party, the_day_after, trade_of

FALLBACK_DIVISION = "350102001001"
YEAR_G = 10**9
BOX = "battery-box"
ISSUED, BACK, LOST = 12, 9, 1


def register_parties(stage: Stage) -> None:
    """Register parties, licences, plan lines and places, and issue crates, before anything."""
    trade = trade_of(stage)
    home, other = _divisions(stage)
    activities = {trade.outlet: "collect", trade.smelter: "treat", trade.refiner: "treat"}
    activities |= dict.fromkeys(trade.carriers, "transport")
    where = dict.fromkeys((trade.outlet, *trade.carriers), home)
    where |= dict.fromkeys((trade.smelter, trade.refiner), other)
    parties = [
        ("/v1/parties", {"party_id": each, "division_code": where[each], "name": f"公司 {each}"})
        for each in where
    ]
    stage.each("parties", parties, lambda each: _tell(stage, *each))
    papers = [("/v1/licences", _licence(stage, *each)) for each in activities.items()]
    papers += [("/v1/plan-lines", line) for line in _plan_lines(stage)]
    for each in (trade.outlet, trade.smelter, trade.refiner):
        place = f"/v1/places/{trade.gate(each)}"
        papers.append((f"{place}/division", {"division_code": where[each]}))
        papers.append((f"{place}/operating-party", {"party_id": each}))
    stage.each("permits", papers, lambda each: _tell(stage, *each))
    code = {"security_code": SECURITY_CODE}
    stage.api.post("tracking", "/v1/security-code", code, caller=as_party(trade.carriers[0]))
    for party_id in (trade.outlet, trade.smelter):
        _move_crates(stage, party_id, "issues", pieces=ISSUED, at=_morning(stage))


def settle_crates(stage: Stage) -> None:
    """Let the outlet give most of its boxes back, some of them worn, and lose one."""
    trade = trade_of(stage)
    at = the_day_after(stage, time(10))
    _move_crates(stage, trade.outlet, "returns", pieces=BACK, at=at, to_grade="B")
    _move_crates(stage, trade.outlet, "losses", pieces=LOST, at=at)


def _tell(stage: Stage, path: str, body: Json) -> None:
    stage.api.post("tracking", path, body, caller=OPERATOR)


def _divisions(stage: Stage) -> tuple[str, str]:
    """Return two communities of one province: what crosses provinces would need an approval."""
    known = [code for code in stage.city.communities() if code[0] != "0"] or [FALLBACK_DIVISION]
    same = [code for code in known if code[:2] == known[0][:2]]
    return same[0], same[-1]


def _licence(stage: Stage, party_id: str, activity: str) -> Json:
    day = stage.city.service_day
    return {
        "licence_id": f"licence-{party_id}",
        "party_id": party_id,
        "activity": activity,
        "codes": sorted({code for _, code in _codes(stage)}),
        "annual_g": YEAR_G if activity == "treat" else None,
        "valid_from": (day - timedelta(days=100)).isoformat(),
        "valid_to": (day + timedelta(days=265)).isoformat(),
    }


def _plan_lines(stage: Stage) -> Iterator[Json]:
    outlet = trade_of(stage).outlet
    day = stage.city.service_day
    years = sorted({day.year, (day + timedelta(days=1)).year})
    for system, code in sorted(_codes(stage)):
        for year in years if system == "cn" else ():
            yield {
                "plan_line_id": f"plan-{outlet}-{code}-{year}",
                "consignor_id": outlet,
                "year": year,
                "waste_code": code,
                "planned_g": YEAR_G,
            }


def _codes(stage: Stage) -> set[tuple[str, str]]:
    """Return what licences name the day's materials by: the waste code, else the UN number."""
    day = stage.city.service_day
    found = set()
    for material, _ in HAZARDOUS_MIX:
        for system in ("cn", "un"):
            entry = code_of_material(material, system, day)
            if entry is not None and entry.code:
                found.add((system, entry.code))
                break
    return found


def _morning(stage: Stage) -> datetime:
    return at_local(stage.city.service_day - timedelta(days=1), time(9))


def _move_crates(
    stage: Stage, party_id: str, what: str, *, pieces: int, at: datetime, to_grade: str = ""
) -> None:
    line: Json = {"crate_type": BOX, "grade": "A", "pieces": pieces}
    if to_grade:
        line["to_grade"] = to_grade
    body = {"happened_at": at.isoformat(), "lines": [line]}
    path = f"/v1/parties/{party_id}/crate-{what}"
    stage.api.post("tracking", path, body, caller=OPERATOR)
    stage.tally.move_crates(party_id, what, pieces)
    deposit_fen = crate_type(BOX, on=stage.city.service_day).deposit_fen
    held = pieces if what == "issues" else -pieces
    stage.tally.count("deposits_held_fen", held * deposit_fen)
    stage.tally.count("deposits_forfeited_fen", (what == "losses") * pieces * deposit_fen)

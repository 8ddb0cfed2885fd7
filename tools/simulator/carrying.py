"""The day after: loads are signed for, change hands, arrive, and go on where they were refused.

Of the batteries one container is refused: its child manifest comes by reaction and goes to an
alternate. The other load is refused as a whole and comes back.
"""

from collections.abc import Callable, Sequence
from datetime import time
from functools import partial

from shared.kernel.errors import Rejected
from tools.simulator.api import Json
from tools.simulator.consigning import Load
from tools.simulator.receiving import accept, decide, take_back
from tools.simulator.stage import Stage
from tools.simulator.trade import SECURITY_CODE, as_party, tell, the_day_after, trade_of
from tools.simulator.waiting import until


def carry(stage: Stage, loads: Sequence[Load]) -> None:
    """Let all loads leave, change hands, arrive and be decided about."""
    smelter = trade_of(stage).smelter
    batteries = [load for load in loads if load.is_battery]
    _at(stage, time(10, 30), "loading", [partial(_leave, stage, each) for each in loads])
    hands = [partial(_change_hands, stage, each) for each in batteries]
    _at(stage, time(12, 30), "changing hands", hands)
    arrivals = [partial(_arrive, stage, each, smelter) for each in loads]
    _at(stage, time(15), "arrivals", arrivals)
    _at(stage, time(15, 30), "receptions", [partial(decide, stage, each) for each in loads])


def end_loads(stage: Stage, loads: Sequence[Load]) -> None:
    """Carry what was refused to its end: to the refiner, or back to the outlet."""
    trade = trade_of(stage)
    back = [load for load in loads if not load.is_battery]
    children = [child for load in loads for child in _children(stage, load)]
    going = [partial(_leave_again, stage, each) for each in (*back, *children)]
    _at(stage, time(17), "leaving again", going)
    arrivals = [partial(_arrive, stage, each, trade.outlet) for each in back]
    arrivals += [partial(_arrive, stage, each, trade.refiner) for each in children]
    _at(stage, time(19), "at the other gate", arrivals)
    ends = [partial(take_back, stage, each) for each in back]
    ends += [partial(accept, stage, each) for each in children]
    _at(stage, time(19, 30), "received in the end", ends)
    stage.each("signatures", [*loads, *children], lambda load: _verify(stage, load))


def _at(stage: Stage, at: time, phase: str, acts: Sequence[Callable[[], None]]) -> None:
    stage.set_clock(the_day_after(stage, at))
    stage.each(phase, acts, lambda act: act())


def _leave(stage: Stage, load: Load) -> None:
    """The outlet signs; the first carrier's driver signs on the outlet's device, by code."""
    trade = trade_of(stage)
    _sign(stage, load, trade.outlet, place=trade.yard)
    _await_registry(stage, load)
    body = {
        "role": "carrier",
        "party_id": trade.carriers[0],
        "place_id": trade.yard,
        "security_code": SECURITY_CODE,
        "scanned_tags": load.tags,
    }
    tell(stage, load.consignment_id, "signatures", body, by=trade.outlet)


def _change_hands(stage: Stage, load: Load) -> None:
    trade = trade_of(stage)
    _take(stage, load, trade.carriers[1], place=f"{trade.run}-crossing")


def _leave_again(stage: Stage, load: Load) -> None:
    """Who brought it takes it on: a child is signed by who refused it, and registered, before."""
    trade = trade_of(stage)
    gate = trade.gate(trade.smelter)
    if load.is_battery:
        _sign(stage, load, trade.smelter, place=gate)
        _await_registry(stage, load)
    _take(stage, load, _last_carrier(stage, load), place=gate)


def _arrive(stage: Stage, load: Load, party_id: str) -> None:
    body = {"place_id": trade_of(stage).gate(party_id)}
    tell(stage, load.consignment_id, "arrivals", body, by=_last_carrier(stage, load))


def _last_carrier(stage: Stage, load: Load) -> str:
    return trade_of(stage).carriers[1 if load.is_battery else 0]


def _sign(stage: Stage, load: Load, party_id: str, *, place: str) -> None:
    body = {"role": "consignor", "party_id": party_id, "place_id": place}
    tell(stage, load.consignment_id, "signatures", body, by=party_id)


def _take(stage: Stage, load: Load, carrier_id: str, *, place: str) -> None:
    body = {"role": "carrier", "party_id": carrier_id, "place_id": place}
    scanned = {"scanned_tags": load.tags}
    tell(stage, load.consignment_id, "signatures", {**body, **scanned}, by=carrier_id)


def _await_registry(stage: Stage, load: Load) -> None:
    """Wait until the national registry knows the manifest: nobody loads before."""

    def is_known() -> bool:
        registration = _seen(stage, load.consignment_id)["registration"]
        return registration["registered_at"] is not None

    until(is_known, what="the national registry knows a manifest")


def _children(stage: Stage, load: Load) -> list[Load]:
    """Return the child of a partial refusal, once the reaction has made it."""
    child_id = _seen(stage, load.consignment_id)["receptions"][-1]["child_id"]
    if child_id is None:
        return []
    until(lambda: _is_there(stage, child_id), what="the child manifest is there")
    child = _seen(stage, child_id)
    stage.tally.count("manifests_drafted")
    stage.tally.count("manifests_declared_g", int(child["net_g"]))
    return [Load(child_id, child, is_battery=True)]


def _is_there(stage: Stage, consignment_id: str) -> bool:
    try:
        _seen(stage, consignment_id)
    except Rejected:
        return False
    return True


def _seen(stage: Stage, consignment_id: str) -> Json:
    """Return a consignment as the smelter, which has a part in all of them, sees it."""
    smelter = as_party(trade_of(stage).smelter)
    return stage.api.get("tracking", f"/v1/consignments/{consignment_id}", caller=smelter)


def _verify(stage: Stage, load: Load) -> None:
    """Let tracking compute a manifest's chain of signatures again."""
    path = f"/v1/consignments/{load.consignment_id}/verify"
    caller = as_party(trade_of(stage).smelter)
    stage.tally.count("chains")
    stage.tally.count("chains_valid", stage.api.get("tracking", path, caller=caller)["valid"])

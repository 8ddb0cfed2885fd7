"""Who had a container when: from kitchens and drives to a receiver's verdict, by the public API.

Only operators may ask. Nothing here names a person: what came from a door is a pickup's id.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from tools.simulator.api import OPERATOR, Api, Json

PAGES_MAX, A_PAGE = 20, "100"
LOTS_SHOWN = 12
BATTERIES = "lead-acid-batteries"
FROM = {"door": "from a kitchen: pickup", "drive": "from a drive: visit"}
STAGES = {
    "consignor": "signed by the consignor",
    "carrier": "taken over by",
    "handover": "taken over by",
    "redirect": "taken over by",
}
BEGINNINGS = frozenset({"register", "ready"})
ACTS = {"register": "registered", "move": "moved to"}
# What lots, signatures, receptions and moves tell with more words.
TOLD_ELSEWHERE = frozenset({"fill", "reserve", "release", "depart", "receive"})


@dataclass(frozen=True, slots=True)
class Custody:
    """One line of the chain. `number` is the manifest's, where one is about it."""

    at: datetime
    what: str
    who: str
    mass_g: int | None = None
    number: str | None = None


def battery_container(api: Api) -> str | None:
    """Return the tag of a container of batteries that was on a manifest: a refused one if any."""
    found = api.get("tracking", "/v1/consignments", caller=OPERATOR, limit=A_PAGE)["items"]
    of_batteries = [each for each in found if each["containers"][0]["material"] == BATTERIES]
    chosen = max(of_batteries, key=_interest, default=None)
    return None if chosen is None else str(chosen["containers"][0]["container"])


def custody_of(api: Api, tag: str) -> list[Custody]:
    """Return the chain of a container's present fill, in the order of time."""
    path = f"/v1/containers/{tag}"
    container = api.get("tracking", path, caller=OPERATOR)
    steps = list(_pages(api, f"{path}/history"))
    since = min((_at(step["at"]) for step in steps if step["act"] in BEGINNINGS), default=None)
    chain = list(_fills(steps))
    manifests = list(_pages(api, "/v1/consignments", container=tag))
    for consignment in sorted(manifests, key=lambda each: str(each["created_at"])):
        if since is None or _at(consignment["created_at"]) >= since:  # else of an earlier fill
            chain += _manifest(consignment, tag)
    return sorted([*chain, *_acts(steps, container)], key=lambda each: each.at)


def _interest(consignment: Json) -> tuple[bool, bool, str]:
    is_child, is_over = consignment["parent_id"] is not None, bool(consignment["receptions"])
    return is_child, is_over, str(consignment["created_at"])


def _pages(api: Api, path: str, **query: str) -> Iterator[Json]:
    cursor: dict[str, str] = {}
    for _ in range(PAGES_MAX):
        page = api.get("tracking", path, caller=OPERATOR, limit=A_PAGE, **query, **cursor)
        yield from page["items"]
        if page["next"] is None:
            return
        cursor = {"cursor": page["next"]}


def _fills(steps: list[Json]) -> Iterator[Custody]:
    """Return what came in: the first lots, and a sum of the others."""
    came = [(step, _inside_g(step)) for step in steps if step["act"] == "fill"]
    inside = sorted(((s, g) for s, g in came if g), key=lambda each: str(each[0]["at"]))
    for step, mass_g in inside[:LOTS_SHOWN]:
        yield Custody(_at(step["at"]), FROM[step["source"]], str(step["pickup_id"]), mass_g)
    more = inside[LOTS_SHOWN:]
    if more:
        rest_g = sum(mass_g for _, mass_g in more)
        yield Custody(_at(more[-1][0]["at"]), f"and from {len(more)} more until then", "", rest_g)


def _inside_g(step: Json) -> int:
    return sum(int(lot["mass_g"]) for lot in step["lots"] if lot["misfit"] is None)


def _acts(steps: list[Json], container: Json) -> Iterator[Custody]:
    """Return what was done with it, as its own history tells."""
    seal = container["seal"]
    for step in (each for each in steps if each["act"] not in TOLD_ELSEWHERE):
        mass_g = None
        what = ACTS.get(step["act"], str(step["act"]))
        if step["act"] == "seal" and seal is not None:
            mass_g, what = int(seal["net_g"]), f"sealed (lots {seal['lots_g']:,} g), at"
        reason = f" ({step['reason']})" if step["reason"] else ""
        yield Custody(_at(step["at"]), what + reason, str(step["holder"] or ""), mass_g)


def _manifest(consignment: Json, tag: str) -> Iterator[Custody]:
    """Return what a manifest tells of the container: its number, signatures and verdicts."""
    number = consignment["number"]
    item = next(each for each in consignment["containers"] if each["container"] == tag)
    if consignment["sealed_at"] is not None:
        parent = consignment["parent_number"]
        what = f"{consignment['purpose']} declared" + (f" (refused of {parent})" if parent else "")
        who = f"{consignment['consignor']['party_id']} → {consignment['receiver']['party_id']}"
        yield Custody(_at(consignment["sealed_at"]), what, who, int(item["net_g"]), number)
    for signature in consignment["signatures"]:
        if signature["stage"] in STAGES:  # a reception tells of its own signature
            yield _signed(signature, number)
    for reception in consignment["receptions"]:
        yield _received(reception, tag, number)


def _signed(signature: Json, number: str) -> Custody:
    what = STAGES[signature["stage"]]
    device = signature["device_of"]
    on_device = f", by code on the device of {device}" if signature["method"] == "code" else ""
    who = f"{signature['party_id']}, at {signature['place_id']}{on_device}"
    return Custody(_at(signature["signed_at"]), what, who, number=number)


def _received(reception: Json, tag: str, number: str) -> Custody:
    verdict = next(each for each in reception["verdicts"] if each["container"] == tag)
    what, who = "accepted by", f"{reception['receiver_id']}, at {reception['place_id']}"
    if not verdict["accepted"]:
        what = f"refused ({verdict['reason']}) by"
        child = reception["child_number"]
        who += f"; goes on as {child}" if child else ""
    return Custody(_at(reception["received_at"]), what, who, int(verdict["received_g"]), number)


def _at(told: str) -> datetime:
    return datetime.fromisoformat(told)

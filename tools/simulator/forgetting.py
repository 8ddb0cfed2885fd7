"""Residents who are erased: before the crew comes, in the evening, the day after; and the proof.

Who is erased must be found by nobody afterwards: its own token finds no person, and what staff
may read of the household and its pickup names no one. Bookings and weigh-ins stay in all books.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime

from shared.kernel.errors import Rejected
from tools.simulator.api import OPERATOR, Caller, Json
from tools.simulator.offline import resolve_review
from tools.simulator.stage import Erasure, Stage
from tools.simulator.waiting import until

FEWEST_BOOKINGS = 8


def erase_before(stage: Stage, stops: Iterable[str]) -> None:
    """Erase some whose pickup is on a tour; of the last one the crew does not hear, and comes."""
    chosen = _some(stage, "dawn", stops, fewest=2)
    stage.unaware.update(chosen[1:][-1:])
    stage.each("erasures at dawn", chosen, lambda each: _erase_open(stage, each))


def erase_after(stage: Stage, when: str, pickup_ids: Iterable[str]) -> None:
    """Erase some of those whose pickup is over, whatever became of it."""
    chosen = _some(stage, when, pickup_ids)
    stage.each(f"erasures {when}", chosen, lambda each: _erase_one(stage, each))


def erase(stage: Stage, number: int, *, pickup_id: str | None = None) -> None:
    """Let a person see what is kept of it, and then erase itself."""
    person = stage.person(number)
    export = stage.api.get("collection", "/v1/person/export", caller=person.caller)
    stage.tally.count("named_before", person.is_named_in(_text(export)))
    asked = stage.api.post("collection", "/v1/person/erasure", {}, caller=person.caller)
    erasure_id = str(asked["erasure_id"])
    stage.erasures[number] = Erasure(person, erasure_id, stage.homes[number], pickup_id)
    stage.tally.count("erasures")


def weigh_all_the_same(stage: Stage, pickup_id: str, body: Json, *, collector: Caller) -> None:
    """Weigh at the door of a person who was erased meanwhile: a fact, and a review for staff."""
    path = f"/v1/pickups/{pickup_id}"
    weighed = stage.api.post("collection", f"{path}/weigh-ins", body, caller=collector)
    stage.cancelled.discard(pickup_id)
    stage.tally.count("cancelled", -1)
    stage.note_weighed(pickup_id, weighed)
    resolve_review(stage, path, "weighing.after_cancelled")


def prove_forgotten(stage: Stage) -> None:
    """Ask as the erased and as staff for all that could name them, and count what does."""
    asked = [stage.erasures[number] for number in sorted(stage.erasures)]
    stage.each("nobody is named", asked, lambda each: _prove(stage, each))


def _some(stage: Stage, when: str, pickup_ids: Iterable[str], *, fewest: int = 1) -> list[str]:
    """Draw some persons that were not drawn yet: `fewest` at least, in all but a tiny day."""
    known = sorted(pickup_ids, key=lambda each: stage.bookings[each].number)
    left = [each for each in known if stage.bookings[each].number not in stage.erasures]
    if len(stage.bookings) < FEWEST_BOOKINGS or not left:
        return []
    wanted = max(fewest, round(len(stage.bookings) * stage.noise.erased))
    return stage.dice("erased", when).sample(left, min(wanted, len(left)))


def _erase_one(stage: Stage, pickup_id: str) -> None:
    erase(stage, stage.bookings[pickup_id].number, pickup_id=pickup_id)


def _erase_open(stage: Stage, pickup_id: str) -> None:
    _erase_one(stage, pickup_id)
    _done(stage, stage.erasures[stage.bookings[pickup_id].number])
    stage.note_cancelled(pickup_id)


def _done(stage: Stage, erasure: Erasure) -> Json:
    """Wait until all that follows from an erasure is done: its open pickup is cancelled too."""
    path = f"/v1/erasures/{erasure.erasure_id}"

    def is_erased() -> bool:
        said = stage.api.get("collection", path, caller=OPERATOR)
        return bool(said["state"] == "erased")

    until(is_erased, what="a person is erased")
    return stage.api.get("collection", path, caller=OPERATOR)


def _prove(stage: Stage, erasure: Erasure) -> None:
    when = datetime.fromisoformat(_done(stage, erasure)["erased_at"])
    stage.tally.count("erased", when is not None)
    own = [_own(stage, erasure, path) for path in ("/v1/person", "/v1/person/export")]
    stage.tally.count("gone", all(code == "person.not_found" for code in own))
    for answer in _read_by_staff(stage, erasure):
        stage.tally.count("answers_read")
        stage.tally.count("named_in_answers", erasure.person.is_named_in(answer))


def _own(stage: Stage, erasure: Erasure, path: str) -> str:
    """Return the code with which the erased person is refused, or nothing."""
    try:
        stage.api.get("collection", path, caller=erasure.person.caller)
    except Rejected as no:
        return no.code
    return ""


def _read_by_staff(stage: Stage, erasure: Erasure) -> Iterator[str]:
    wanted = [
        ("collection", f"/v1/erasures/{erasure.erasure_id}"),
        ("collection", f"/v1/households/{erasure.household_id}"),
    ]
    if erasure.pickup_id is not None:
        wanted.append(("collection", f"/v1/pickups/{erasure.pickup_id}"))
        wanted.append(("collection", f"/v1/pickups/{erasure.pickup_id}/history"))
    if erasure.pickup_id in stage.weighed:
        wanted.append(("pricing", f"/v1/settlements/{erasure.pickup_id}"))
    for service, path in wanted:
        yield _text(stage.api.get(service, path, caller=OPERATOR))


def _text(answer: Json) -> str:
    return json.dumps(answer, ensure_ascii=False)

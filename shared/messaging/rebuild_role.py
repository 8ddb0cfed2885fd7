"""`python -m services.<name> rebuild`: rebuild a group's generation, compare it, switch to it."""

import sys
from collections.abc import Callable, Set
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from shared.messaging.generations import FIRST, activate, active_generation
from shared.messaging.rebuilding import Comparison, Rebuilding, rebuild

FRESH, ACCEPT, BACK = "fresh", "accept-differences", "back"
REBUILD_WORDS = frozenset({FRESH, ACCEPT, BACK})
DONE, NOT_SWITCHED = 0, 1


@dataclass(frozen=True, slots=True)
class Rebuildable:
    """What can be rebuilt of a service. `begin` gets the present and the rebuilt generation.

    `forget` drops a generation. Where not `replaces`, the rebuilt one is compared and dropped: the
    present one holds more than topics tell.
    """

    database: Database[dict[str, Any]]
    group: str
    begin: Callable[[int, int], Rebuilding]
    forget: Callable[[int], None]
    replaces: bool = True


def run_rebuild(what: Rebuildable, words: Set[str]) -> int:
    """Rebuild as the words say; return 0 where the books agree or were switched, else 1.

    fresh: drop what an earlier attempt left, and begin anew. accept-differences: switch also where
    both say different things. back: return to the generation before the present one.
    """
    present = active_generation(what.database, what.group)
    if BACK in words:
        return _go_back(what, present)
    rebuilt = present + 1
    if FRESH in words or not what.replaces:
        what.forget(rebuilt)
    _say(f"{what.group}: rebuilding generation {rebuilt} beside {present}")
    found = rebuild(what.begin(present, rebuilt), say=_say)
    _say(_told(found))
    agreed = found is not None and not found.differing
    if not what.replaces:
        what.forget(rebuilt)
        return DONE if agreed else NOT_SWITCHED
    if not agreed and ACCEPT not in words:
        _say(f"generation {present} stays; look at both, then say {ACCEPT} to switch")
        return NOT_SWITCHED
    activate(what.database, what.group, instead_of=present, to=rebuilt)
    _say(f"generation {rebuilt} is active for processes that start from now on")
    return DONE


def _go_back(what: Rebuildable, present: int) -> int:
    if present == FIRST:
        _say("the first generation is active: there is none before it")
        return NOT_SWITCHED
    activate(what.database, what.group, instead_of=present, to=present - 1)
    _say(f"generation {present - 1} is active again; a new rebuild begins with {FRESH}")
    return DONE


def _told(found: Comparison | None) -> str:
    if found is None:
        return "both never stood at the same events: is the present generation's worker running?"
    if not found.differing:
        return f"{found.documents:,} documents say the same in both"
    shown = ", ".join(found.shown)
    return f"{found.differing:,} of {found.documents:,} documents differ, among them {shown}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()

"""Journals in MongoDB: a pickup's changes are written one after another, also within a poll."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from services.tracking.domain.journal import Journal
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.ports import EntityChange
from shared.messaging.quiet import QuietAggregates

FACTS = ("pickup_id", "source", "verdicts", "unloaded")
WEIGHED = ("community_code", "revision", "vehicle_id", "at", "weighed_at")
LOT = ("lot_id", "material", "mass_g", "hazardous", "container_tag")


class MongoJournals(MongoAggregates[Journal]):
    """A change of a journal asks containers under its turn, so the turn before is to be durable.

    Else a process that died between two changes of one poll would ask again under a turn that
    containers have answered beyond.
    """

    def apply(self, changes: Sequence[EntityChange[Journal]]) -> None:
        """Apply in rounds in which each journal changes once."""
        waiting = list(changes)
        while waiting:
            now: list[EntityChange[Journal]] = []
            later: list[EntityChange[Journal]] = []
            seen: set[str] = set()
            for change in waiting:
                (later if change.entity_id in seen else now).append(change)
                seen.add(change.entity_id)
            super().apply(now)
            waiting = later


class QuietJournals(MongoJournals, QuietAggregates[Journal]):
    """Journals that announce nothing: a second set of books, to be compared."""


def derived_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a journal weigh-ins and unloadings decide, to the gram.

    Where hazardous lots lie, containers and persons decide, whom no topic of this group tells of:
    of these only what the household gave is looked at.
    """
    state = document["state"]
    weighed = state["weighed"]
    lots = weighed["lots"] if weighed else ()
    apart = {lot["material"] for lot in lots if lot["hazardous"]}
    sums: Counter[tuple[str, str]] = Counter()
    for entry in state["entries"]:
        for posting in entry["postings"]:
            account, material = posting["account"], posting["unit"]["kind"]
            if material not in apart or account.startswith("household/"):
                sums[account, material] += posting["amount"]
    return {
        **{name: state.get(name) for name in FACTS},
        "weighed": weighed and {name: weighed.get(name) for name in WEIGHED},
        "lots": [{name: lot.get(name) for name in LOT} for lot in lots],
        "balances": {key: mass_g for key, mass_g in sums.items() if mass_g},
    }

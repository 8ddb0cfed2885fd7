"""What the report compares: books, and lines, each an equation that holds or does not.

`Books` are what the services say of themselves (GET /v1/reconciliation), what the simulator was
promised (its tally), and what a consumer saw on the topics.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One equation: all `values` are equal, or the day does not reconcile."""

    section: str
    what: str
    values: tuple[tuple[str, int], ...]
    note: str = ""

    @property
    def holds(self) -> bool:
        """Say whether all values are the same."""
        return len({value for _, value in self.values}) == 1


@dataclass(frozen=True, slots=True)
class Books:
    """Everything that is compared. `services` by name; `tally` None where nothing was simulated.

    `seen_of_manifests` are the sums of a consumer of the topics, `parties` what was promised to
    parties of the simulated days, and kept.
    """

    services: Mapping[str, Json]
    topics: Mapping[str, int]
    duplicates: int
    gaps: int
    company_volume_g: Mapping[str, int]
    named_on_topics: int = 0
    named_in_logs: int = 0
    records_read: int = 0
    board_sites: int = 0
    tally_counts: Mapping[str, int] | None = None
    tally_mass_g: Mapping[str, int] = field(default_factory=dict)
    seen_of_manifests: Mapping[str, int] = field(default_factory=dict)
    parties: Sequence["PartyBooks"] = ()

    def facts(self, service: str) -> Json:
        """Return what a service says of itself."""
        facts: Json = self.services[service]["facts"]
        return facts

    def tallied(self, what: str) -> int:
        """Return a promised count; 0 where nothing was simulated."""
        return int((self.tally_counts or {}).get(what, 0))


@dataclass(frozen=True, slots=True)
class PartyBooks:
    """What a party of the simulated days was promised, and what the services' books have of it.

    Crates in pieces: `issued` and `returned` as promised, `held` and `lost` as tracking tells.
    Grams: `accepted_g` as its receptions were answered, `ledger_g` as the mass ledger has with it.
    """

    party_id: str
    issued: int = 0
    returned: int = 0
    held: int = 0
    lost: int = 0
    accepted_g: int = 0
    ledger_g: int = 0

"""What the simulator was promised: every 2xx it got. The services' books must agree with it."""

import threading
from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counts and sums of acknowledged acts. Thread-safe by `lock`."""

    counts: Counter[str] = field(default_factory=Counter)
    mass_g: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    crates: Counter[tuple[str, str]] = field(default_factory=Counter)
    accepted_g: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, what: str, by: int = 1) -> None:
        """Add to a count."""
        with self.lock:
            self.counts[what] += by

    def weigh(self, material: str, mass_g: int) -> None:
        """Add grams of a material; negative where a correction takes some back."""
        with self.lock:
            self.mass_g[material] += mass_g

    def refuse(self, code: str) -> None:
        """Count an answer that said no, by its code."""
        with self.lock:
            self.refused[code] += 1

    def move_crates(self, party_id: str, what: str, pieces: int) -> None:
        """Add to a party's crates that were issued, returned or lost (`what`: issues, …)."""
        with self.lock:
            self.crates[party_id, what] += pieces

    def accept(self, party_id: str, mass_g: int) -> None:
        """Add grams that a party accepted of a consignment."""
        with self.lock:
            self.accepted_g[party_id] += mass_g

"""Collections by generation: a rebuild writes beside the rows that are being read."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Names:
    """The collections of one generation."""

    generation: int

    @property
    def deltas(self) -> str:
        """The delta log."""
        return f"deltas_{self.generation}"

    @property
    def rows(self) -> str:
        """The folded rows."""
        return f"rows_{self.generation}"

    @property
    def marks(self) -> str:
        """How far the log is folded."""
        return f"marks_{self.generation}"

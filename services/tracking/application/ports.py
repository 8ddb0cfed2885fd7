"""What tracking's handlers need from the outside."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Protocol

from services.tracking.domain.container import Container
from services.tracking.domain.journal import Journal
from shared.kernel.aggregate import Aggregates

Containers = Aggregates[Container]
Journals = Aggregates[Journal]


class Registry(Protocol):
    """Reads of registered containers."""

    def by_tags(self, tags: Iterable[str]) -> Mapping[str, Container]:
        """Return those that are registered, by tag."""


class Codes(Protocol):
    """Dated waste codes and UN numbers."""

    def of(self, material: str, on: date) -> tuple[str | None, str | None]:
        """Return (waste code, UN number) of a material on a day.

        Raises `Invalid` (tracking.not_hazardous) where no table has the material on that day.
        """

"""Two workers share the suite (`make test`): which takes what, and in which order.

A file stays with one worker, for what its tests share; so do all days of the city, which share a
whole stack. Those come first, beside the quick ones: what takes longest must not be the last.
"""

from collections.abc import Sequence
from pathlib import PurePosixPath

import pytest
from xdist.scheduler import LoadFileScheduling

ORDER = ("e2e", "architecture", "unit", "contract", "chaos", "integration")
TOGETHER = "e2e"


class ByFile(LoadFileScheduling):
    """Hands out files, but all end-to-end tests at once."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return TOGETHER if area_of(file) == TOGETHER else file


def area_of(file: str) -> str:
    """Return the folder under tests/ that a test's file is in."""
    parts = PurePosixPath(file).parts
    return parts[1] if len(parts) > 2 else ""


def by_area(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """Return the tests in the order in which workers take them."""
    rank = {name: number for number, name in enumerate(ORDER)}
    return sorted(items, key=lambda item: rank.get(area_of(item.nodeid), len(ORDER)))

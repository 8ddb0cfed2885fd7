"""Fixtures of tracking's unit tests."""

import pytest

from tests.unit.tracking.builders import LITHIUM, container
from tests.unit.tracking.ward import Ward, stray


@pytest.fixture
def ward():
    """Two containers, and a lot that is in neither of them."""
    made = Ward(container("GL-1"), container("GL-2", LITHIUM))
    made.weigh(stray())
    return made

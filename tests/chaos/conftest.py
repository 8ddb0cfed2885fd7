"""Each chaos test of a reader has a Kafka of its own: topics cannot be emptied in between."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.testing import Infrastructure, infrastructure


@pytest.fixture(scope="module")
def own_infra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Infrastructure]:
    with infrastructure(Path(tmp_path_factory.mktemp("own"))) as running:
        yield running

"""The sample API, fresh for each test."""

import pytest

from tests.unit.http.sample import Sample


@pytest.fixture
def sample(tmp_path):
    return Sample(tmp_path)

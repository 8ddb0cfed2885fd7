"""Fixtures of the whole suite: real MongoDB and Kafka, started once, when first asked for."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from pymongo import MongoClient
from pymongo.database import Database
from xdist.scheduler import LoadFileScheduling

from deploy.local.testing import Infrastructure, infrastructure
from shared.kernel.ids import new_id
from shared.messaging.mongo_client import connect, database
from tests.lent_databases import lent_database
from tests.scheduling import ByFile, by_area

# A machine that is busy draws and runs its examples slowly: that says nothing of what they prove.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    return ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items[:] = by_area(items)


@pytest.fixture(scope="session")
def infra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Infrastructure]:
    with infrastructure(Path(tmp_path_factory.mktemp("stack"))) as running:
        yield running


@pytest.fixture(scope="session")
def mongodb_uri(infra: Infrastructure) -> str:
    return infra.mongodb_uri


@pytest.fixture(scope="session")
def kafka_bootstrap(infra: Infrastructure) -> str:
    return infra.kafka_bootstrap


@pytest.fixture(scope="session")
def mongo_client(mongodb_uri: str) -> Iterator[MongoClient[dict[str, Any]]]:
    with connect(mongodb_uri, name="tests") as client:
        yield client


@pytest.fixture
def tracking_database(
    mongodb_uri: str, mongo_client: MongoClient[dict[str, Any]]
) -> Iterator[Database[dict[str, Any]]]:
    """Lend a database of tracking's, without documents, and with the indexes that it came with."""
    with lent_database(mongodb_uri, "tracking") as name:
        yield database(mongo_client, name)


@pytest.fixture
def fresh_database(mongo_client: MongoClient[dict[str, Any]]) -> Iterator[Database[dict[str, Any]]]:
    made = database(mongo_client, f"test_{new_id().replace('-', '')}")
    yield made
    mongo_client.drop_database(made.name)

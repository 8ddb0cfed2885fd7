"""MongoDB as this house uses it: majority and journal, primary reads, bounded time, our errors."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bson.codec_options import CodecOptions
from pymongo import MongoClient, ReadPreference, WriteConcern
from pymongo.database import Database
from pymongo.errors import DuplicateKeyError, PyMongoError
from pymongo.read_concern import ReadConcern

from shared.kernel.errors import Unavailable
from shared.messaging.command_times import CommandTimes

Documents = dict[str, Any]

SELECTION_TIMEOUT_MS = 2_000
OPERATION_TIMEOUT_MS = 8_000
CONNECT_TIMEOUT_MS = 2_000
POOL_MAX = 64


def connect(uri: str, *, name: str) -> MongoClient[Documents]:
    """Return a client; it connects when it is first used. `name` is shown in mongod's log.

    Its commands are timed for the metrics.
    """
    return MongoClient(
        uri,
        appname=name,
        tz_aware=True,
        serverSelectionTimeoutMS=SELECTION_TIMEOUT_MS,
        connectTimeoutMS=CONNECT_TIMEOUT_MS,
        timeoutMS=OPERATION_TIMEOUT_MS,
        maxPoolSize=POOL_MAX,
        retryWrites=True,
        retryReads=True,
        event_listeners=[CommandTimes()],
    )


def database(client: MongoClient[Documents], name: str) -> Database[Documents]:
    """Return a database whose writes are durable on a majority before they are acknowledged."""
    return client.get_database(
        name,
        codec_options=CodecOptions(tz_aware=True),
        write_concern=WriteConcern(w="majority", j=True),
        read_preference=ReadPreference.PRIMARY,
        read_concern=ReadConcern("local"),
    )


def is_reachable(client: MongoClient[Documents]) -> bool:
    """Say whether a primary answers within the selection timeout."""
    try:
        client.admin.command("ping")
    except PyMongoError:
        return False
    return True


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn a driver's error into `Unavailable`; a duplicate key is the caller's to judge."""
    try:
        yield
    except DuplicateKeyError:
        raise
    except PyMongoError as error:
        raise Unavailable("storage.unavailable", "the database does not answer") from error

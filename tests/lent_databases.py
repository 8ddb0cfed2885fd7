"""Databases lent to tests: emptied when they come back, lent again with the indexes they have.

To make forty collections with their indexes costs a second and a hundred files, which MongoDB
keeps open for minutes after a drop: with thousands of tests it ran out of them.
"""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager

from shared.kernel.ids import new_id
from shared.messaging.mongo_client import connect

_idle: dict[tuple[str, str], list[str]] = defaultdict(list)


@contextmanager
def lent_database(uri: str, service: str) -> Iterator[str]:
    """Give the name of a database without documents; only tests of one service share one."""
    idle = _idle[uri, service]
    name = idle.pop() if idle else f"{service}_{new_id().replace('-', '')}"
    yield name
    with connect(uri, name="tests") as client:
        held = client[name]
        for collection in held.list_collection_names():
            held[collection].delete_many({})
    idle.append(name)

"""Lists of containers and of quarantine tasks: keyset pages, each filter under an index."""

from typing import Any

from services.tracking.domain.container import Container
from services.tracking.domain.container_states import State
from services.tracking.domain.quarantine import Task
from shared.kernel.aggregate import Stored
from shared.messaging.mongo_aggregates import MongoAggregates
from shared.messaging.mongo_client import storage_errors

Filter = dict[str, Any]
CONTAINER_FILTERS = (
    "state.state",
    "state.holder",
    "state.materials",
    "state.container_type",
    "state.reservation.consignment_id",
)
TASK_FILTERS = ("state.state", "state.community_code", "state.pickup_id", "state.container_tag")


class MongoContainerSearch:
    """Pages of containers by tag, and how much they hold."""

    def __init__(self, containers: MongoAggregates[Container]) -> None:
        """Reads the collection that `containers` writes."""
        self._aggregates = containers
        self._containers = containers.collection

    def prepare(self) -> None:
        """Create the indexes of the lists."""
        with storage_errors():
            for field in CONTAINER_FILTERS:
                self._containers.create_index([(field, 1), ("_id", 1)])

    def page(self, where: Filter, *, after_tag: str, limit: int) -> list[Stored[Container]]:
        """Return registered containers behind a tag, by tag."""
        wanted = {"state.state": {"$ne": State.UNKNOWN.value}, **where, "_id": {"$gt": after_tag}}
        with storage_errors():
            found = self._containers.find(wanted, sort=[("_id", 1)], limit=limit)
            return [self._aggregates.stored(document) for document in found]

    def content_g(self) -> dict[str, int]:
        """Return what all containers hold by their own word, by material."""
        shares: list[Filter] = [
            {"$unwind": "$state.deposits"},
            {"$unwind": "$state.deposits.shares"},
            {"$project": {"amount": "$state.deposits.shares"}},
        ]
        booked: list[Filter] = [
            {"$unwind": "$state.booked"},
            {"$project": {"amount": "$state.booked"}},
        ]
        both = {"$unionWith": {"coll": self._containers.name, "pipeline": booked}}
        sums = {"$group": {"_id": "$amount.material", "mass_g": {"$sum": "$amount.mass_g"}}}
        with storage_errors():
            found = list(self._containers.aggregate([*shares, both, sums]))
        return {each["_id"]: int(each["mass_g"]) for each in found if each["mass_g"]}


class MongoTaskSearch:
    """Pages of quarantine tasks, oldest first, and how much waits."""

    def __init__(self, tasks: MongoAggregates[Task]) -> None:
        """Reads the collection that `tasks` writes."""
        self._aggregates = tasks
        self._tasks = tasks.collection

    def prepare(self) -> None:
        """Create the indexes of the lists."""
        with storage_errors():
            for field in TASK_FILTERS:
                self._tasks.create_index([(field, 1), ("state.opened_at", 1), ("_id", 1)])

    def page(self, where: Filter, *, limit: int) -> list[Stored[Task]]:
        """Return tasks by the time they were opened, and id."""
        order = [("state.opened_at", 1), ("_id", 1)]
        with storage_errors():
            found = self._tasks.find(where, sort=order, limit=limit)
            return [self._aggregates.stored(document) for document in found]

    def in_quarantine_g(self) -> dict[str, int]:
        """Return the grams that tasks say lie in quarantine, by material."""
        sums = {"$group": {"_id": "$state.material", "mass_g": {"$sum": "$state.mass_g"}}}
        with storage_errors():
            found = list(self._tasks.aggregate([sums]))
        return {each["_id"]: int(each["mass_g"]) for each in found if each["mass_g"]}

    def open_tasks(self) -> int:
        """Count the tasks that wait for a person."""
        with storage_errors():
            return self._tasks.count_documents({"state.state": "open"})

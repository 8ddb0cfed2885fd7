"""A rebuild of one reaction's documents: its own Kafka group, cursors, marks and dead letters."""

from collections.abc import Mapping
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database

from shared.messaging.mongo_client import storage_errors
from shared.messaging.ports_in import Place
from shared.messaging.rebuilding import Comparison, Look, Positions, compare_documents
from shared.messaging.runner import Runner

Documents = dict[str, Any]


class ReactionRebuild:
    """`Rebuilding` by a runner of the new generation, which is this process's alone."""

    def __init__(
        self,
        runner: Runner,
        database: Database[Documents],
        *,
        ends: Mapping[Place, int],
        generations: tuple[int, int],
        collections: tuple[Collection[Documents], Collection[Documents]],
        look: Look,
    ) -> None:
        """`ends` are those of the topics when the rebuild begins.

        `generations` and `collections` are the present one and the rebuilt one. An earlier attempt
        is continued where it ended.
        """
        self._runner = runner
        self._database = database
        self._present, self._rebuilt = generations
        self._collections = collections
        self._look = look
        self._ends = ends
        runner.join()

    def advance(self) -> bool:
        """Apply one poll's events."""
        self._runner.run_round()
        return self._runner.is_past(self._ends)

    def positions(self) -> Positions:
        """Read both generations' cursors."""
        return Positions(self._sequences(self._present), self._sequences(self._rebuilt))

    def compare(self) -> Comparison:
        """Compare document by document."""
        return compare_documents(*self._collections, look=self._look)

    def _sequences(self, generation: int) -> dict[str, int]:
        mine = {"group": self._runner.group, "generation": generation}
        with storage_errors():
            found = list(self._database["cursors"].find({**mine, "last_sequence": {"$gt": 0}}))
        return {f"{c['topic']}/{c['partition']}": c["last_sequence"] for c in found}


def forget_generation(
    database: Database[Documents], group: str, *, generation: int, collection: str
) -> None:
    """Drop what an earlier attempt left. Cursors go first: without them all is read again."""
    mine = {"group": group, "generation": generation}
    with storage_errors():
        database["cursors"].delete_many(mine)
        database["dead_letters"].delete_many(mine)
        database["crashes"].delete_many({"_id": {"$regex": f"^{group}@{generation}[|]"}})
        database.drop_collection(collection)

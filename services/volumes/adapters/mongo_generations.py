"""Two generations of volumes side by side: how far each is, whether they agree, dropping one."""

from pymongo.database import Database

from services.volumes.adapters.collections import Names
from services.volumes.adapters.mongo_facts import GROUP, Documents, applied
from shared.messaging.mongo_client import storage_errors
from shared.messaging.rebuilding import Comparison, compare_documents


def folded_sequences(db: Database[Documents], names: Names, *, unfolded: int) -> dict[str, int]:
    """Return the last folded sequence of each partition, `unfolded` while a fold is under way."""
    cursors = applied(db, names, generation=names.generation)
    found = {f"{c['topic']}/{c['partition']}": int(c["last_sequence"]) for c in cursors}
    return {place: unfolded if last < 0 else last for place, last in found.items() if last}


def compare_rows(db: Database[Documents], present: Names, rebuilt: Names) -> Comparison:
    """Compare rows by what they say of a community and an hour."""
    return compare_documents(
        db[present.rows],
        db[rebuilt.rows],
        look=lambda row: (row["community_code"], row["hour"], row["cells"]),
    )


def forget_generation(db: Database[Documents], names: Names) -> None:
    """Drop a generation; may be repeated.

    Marks go first and the log last: a half-dropped generation is refused (its log begins behind
    its mark), and never counted short.
    """
    with storage_errors():
        for name in (names.marks, names.rows, names.deltas):
            db.drop_collection(name)
        db["dead_letters"].delete_many({"group": GROUP, "generation": names.generation})

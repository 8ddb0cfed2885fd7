"""Inserts of many threads at once: each is done or refused by itself."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from pymongo.errors import DuplicateKeyError

from shared.messaging.mongo_inserts import Inserts

THREADS = 24


def test_each_insert_of_many_threads_has_its_own_end(fresh_database):
    inserts = Inserts(fresh_database["things"])
    begin = Barrier(THREADS)

    def insert(number):
        value = 2**70 if number % 6 == 5 else number  # what BSON cannot say is nobody else's fault
        begin.wait()
        ends = []
        for turn in range(20):
            try:
                # Each id is asked for by two threads.
                inserts.insert({"_id": f"{number // 2}-{turn}", "by": number, "value": value})
                ends.append("made")
            except (DuplicateKeyError, OverflowError) as refused:
                ends.append(type(refused).__name__)
        return ends

    with ThreadPoolExecutor(THREADS) as pool:
        ends = list(pool.map(insert, range(THREADS)))

    kept = {each["_id"]: each["by"] for each in fresh_database["things"].find()}
    assert len(kept) == THREADS // 2 * 20
    for number in range(THREADS):
        for turn, end in enumerate(ends[number]):
            if number % 6 == 5:
                assert end == "OverflowError"
            else:
                is_own = kept[f"{number // 2}-{turn}"] == number
                assert end == ("made" if is_own else "DuplicateKeyError")

"""A server that issues manifest numbers: `python -m tests.chaos.number_process FILE NAME COUNT`.

It holds and uses COUNT numbers for consignments NAME-0, NAME-1, …, eight at a time, and appends
each to FILE once it has it, as an answer would go out.
"""

import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

from services.tracking.adapters.mongo_numbers import MongoNumbers
from services.tracking.domain.numbers import Owner, Series
from shared.messaging.crash_points import arm
from shared.messaging.mongo_client import connect, database
from shared.observability.settings import ServiceSettings

OWNER = Owner("outlet", Series(2026, "3501"))
AT_ONCE = 8


def issue(settings: ServiceSettings, out: Path, name: str, count: int) -> None:
    numbers = MongoNumbers(database(connect(settings.mongodb, name=name), settings.database))
    at = datetime.now(UTC)
    lock = threading.Lock()

    def hold(serial: int) -> None:
        hold_id = f"{name}-{serial}:1"
        number = numbers.hold_next(OWNER, hold_id, until=at + timedelta(minutes=2), at=at)
        with lock, out.open("a", encoding="utf-8") as file:
            file.write(f"{hold_id} {number}\n")
            file.flush()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(hold, range(count)))


if __name__ == "__main__":
    held = ServiceSettings()
    arm(held.crash_at)
    issue(held, Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))

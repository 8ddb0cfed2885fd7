"""Tracking's worker dies at each step of a register: there is one whole file, and it is right."""

import pytest

from tests.chaos.processes import KILLED
from tests.integration.test_tracking_registers import look, order, rows_of
from tests.integration.tracking_house import house_of
from tests.polling import eventually
from tests.unit.tracking.builders import history, in_order, lot

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

LABELS = ("register.claim.after", "register.line.after", "register.file.after")
MASSES_G = range(1, 6)


def test_a_worker_that_dies_at_each_step_leaves_one_right_file(own_infra, tmp_path):
    environment = {
        "kafka": own_infra.kafka_bootstrap,
        "instance": "tracking-worker-0",
        "register_lease_s": "1",
    }
    with house_of(own_infra.mongodb_uri, tmp_path) as house:
        for number in MASSES_G:
            told = history((lot("lot-1", number),), pickup_id=f"pickup-{number}")
            house.react(*in_order(*told))
        asked = order(house, "incoming")
        for label in LABELS:
            with house.working(**environment, crash_at=label) as worker:
                assert worker.wait(timeout=60) == KILLED, label
        with house.working(**environment):
            eventually(lambda: look(house, asked).json()["state"] == "ready", within_s=60)

        ready = look(house, asked).json()
        rows = rows_of(house.call("GET", ready["download"]["href"]))
        named = house.wiring.registers.queue.get(ready["register_id"]).state
        assert named.attempt == len(LABELS) + 1
        assert sorted(int(row["mass_g"]) for row in rows) == [*MASSES_G]
        assert ready["rows"] == len(rows)

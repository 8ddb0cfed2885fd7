"""docs/containers.md tells the table of a container's life, and every reason for quarantine."""

import re

from services.tracking.domain.container_states import ANY, CLOSED_BECAUSE, TRANSITIONS, Act
from services.tracking.domain.quarantine import Way
from shared.permits.model import FAULTS
from tests.architecture.source_tree import ROOT

PAGE = (ROOT / "docs" / "containers.md").read_text(encoding="utf-8")


def test_the_page_tells_the_whole_table():
    rows = re.findall(r"^\| ([a-z-]+) \| ([a-z-]+) \| ([a-z-]+) \|$", PAGE, flags=re.MULTILINE)
    of_any = {(state, act) for state in ANY for act in (Act.DAMAGE, Act.LOSE)}
    told = {key: value for key, value in TRANSITIONS.items() if key not in of_any}

    assert {(state, act): to for state, act, to in rows if state != "from"} == told


def test_the_page_tells_every_reason_fault_and_resolution():
    for code in (*CLOSED_BECAUSE.values(), *FAULTS):
        assert code.split(".")[1] in PAGE
    for way in Way:
        assert f"`{way}`" in PAGE

"""A container with several materials: each with its code, its grams, and its share on a scale."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.tracking.domain import consignment_drafting as drafting
from services.tracking.domain.consignment_fields import value_of
from services.tracking.domain.consignment_reception import Reception, Verdict
from services.tracking.domain.manifest import Content
from shared.kernel.errors import Invalid
from tests.unit.tracking.consignments import ID, LEAD, NOW, Walk, box, manifest

MIXED = replace(
    box("box-m", 1_001, code="900-044-49"),
    contents=(
        Content("crt-glass", "900-044-49", None, 601),
        Content("circuit-boards", "900-045-49", None, 400),
    ),
)


@given(st.integers(0, 2_000))
def test_what_the_scale_says_of_a_mixed_container_is_shared_among_its_codes(received_g):
    content = manifest(containers=(MIXED, box("box-1", 10)))
    verdicts = (Verdict("box-m", True, received_g), Verdict("box-1", True, 10))
    accepted = Reception("smelter", "gate", NOW, verdicts).accepted_by_code(content)

    assert content.grams_by_code() == {"900-044-49": 601, "900-045-49": 400, LEAD: 10}
    assert sum(accepted.values()) == received_g + 10
    assert abs(accepted["900-044-49"] - received_g * 601 / 1_001) < 1


def test_contents_sum_to_the_net_and_are_part_of_what_is_signed():
    with pytest.raises(Invalid, match="sum to its net"):
        replace(MIXED, net_g=1_000)
    mixed, plain = (
        Walk(drafting.draft(ID, manifest(containers=(item,)), now=NOW).state).seal().held
        for item in (MIXED, replace(MIXED, contents=()))
    )
    hashed = [value_of("containers", held, 0)[0] for held in (mixed, plain)]

    assert "contents" not in hashed[1]
    assert hashed[0].pop("contents")[1]["mass_g"] == 400
    assert hashed[0] == hashed[1]

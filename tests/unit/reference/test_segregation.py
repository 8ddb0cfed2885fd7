"""What may lie beside what: every hazardous material has a group, and every row a source."""

from datetime import date
from itertools import combinations, product

import pytest

from shared.reference.materials import materials
from shared.reference.segregation import compatible, group_of, groups, materials_of, pairs
from shared.reference.tables import CERTAINTIES

TODAY = date(2026, 11, 24)
LEAD, NI_CD, LITHIUM = "lead-acid-batteries", "ni-cd-batteries", "lithium-ion-batteries"


def test_every_hazardous_material_has_one_group():
    for code, held in materials().items():
        if held.hazardous:
            assert group_of(code, TODAY) is not None, code


def test_every_row_has_a_source_and_a_certainty():
    for row in (*groups(), *pairs()):
        assert row.source
        assert row.certainty in CERTAINTIES


def test_no_two_rows_speak_of_one_thing_on_one_day():
    for one, other in combinations(groups(), 2):
        assert one.material != other.material or not one.period.overlaps(other.period)
    for one, other in combinations(pairs(), 2):
        assert one.groups != other.groups or not one.period.overlaps(other.period)


def test_pairs_are_of_known_groups_and_of_two():
    names = {row.name for row in groups()}

    assert all(len(row.groups) == 2 and row.groups <= names for row in pairs())


def test_groups_name_known_materials():
    assert {row.material for row in groups()} <= materials().keys()


def test_order_means_nothing():
    codes = [row.material for row in groups()]

    for one, other in product(codes, codes):
        assert compatible(one, other, TODAY) == compatible(other, one, TODAY)
        assert compatible(one, one, TODAY)


@pytest.mark.parametrize(
    ("one", "other", "may"),
    [
        (LEAD, NI_CD, False),
        (LEAD, LITHIUM, False),
        (NI_CD, "alkaline-batteries", True),
        ("alkaline-batteries", "nickel-metal-hydride-batteries", True),
        ("mercury-thermometers", "mercury-oxide-batteries", True),
        ("fluorescent-lamps", "mercury-thermometers", False),
        ("pcb-capacitors", "crt-glass", False),
        ("cardboard", LEAD, False),
    ],
)
def test_acid_and_alkali_are_never_mixed(one, other, may):
    assert compatible(one, other, TODAY) is may


def test_the_matrix_has_a_first_day():
    assert compatible(NI_CD, "alkaline-batteries", date(2020, 8, 31)) is False
    assert materials_of("acid-battery", date(2020, 8, 31)) == ()
    assert materials_of("acid-battery", TODAY) == (LEAD,)

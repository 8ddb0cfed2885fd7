"""What stands on a label, by the tables of its day, and how large it is by the volume."""

from datetime import date

import pytest

from services.tracking.adapters.label_facts import label_of, label_size
from services.tracking.adapters.label_pdf import label_pdf
from services.tracking.domain.amounts import Amount
from tests.unit.tracking.builders import BOARDS, CRT, LEAD, LITHIUM, container

TODAY = date(2026, 11, 24)


def texts(held):
    return {line.title: line.text for line in label_of(held, TODAY).lines}


@pytest.mark.parametrize(
    ("volume_l", "side_mm", "sides"),
    [
        (1, 100, 1),
        (50, 100, 1),
        (51, 150, 1),
        (449, 150, 1),
        (450, 200, 1),
        (451, 200, 2),
        (1_000, 200, 2),
        (None, 200, 1),
    ],
)
def test_the_size_follows_the_volume(volume_l, side_mm, sides):
    assert label_size(volume_l, TODAY) == (side_mm, sides)
    label = label_of(container(volume_l=volume_l), TODAY)
    assert (label.side_mm, label.sides) == (side_mm, sides)


def test_a_day_before_the_standard_gets_the_largest():
    assert label_size(20, date(2022, 1, 1)) == (200, 1)
    assert label_size(20, date(2019, 1, 1)) == (200, 1)


def test_a_label_of_hazardous_waste_has_its_code_traits_and_un_number():
    said = texts(container(volume_l=60, tested_until=date(2028, 6, 30)))

    assert label_of(container(), TODAY).heading == "危险废物"
    assert said["废物名称"] == "铅酸蓄电池"
    assert said["废物代码"] == "900-052-31"
    assert said["废物类别"] == "HW31"
    assert said["危险特性"] == "毒性(T)、腐蚀性(C)"
    assert said["联合国编号"] == "UN2794"
    assert said["数字识别码"] == "GL-1"
    assert "60 L" in said["容器"]
    assert "2028-06-30" in said["容器"]


def test_lithium_is_dangerous_goods_and_no_hazardous_waste():
    held = container(material=LITHIUM)

    assert label_of(held, TODAY).heading == "危险货物"
    assert texts(held)["废物代码"] == "—"
    assert texts(held)["联合国编号"] == "UN3480"


def test_several_materials_stand_on_one_label():
    said = texts(container(materials=(LEAD, "ni-cd-batteries")))

    assert said["废物代码"] == "900-052-31、900-044-49"
    assert said["废物类别"] == "HW31、HW49"


def test_a_crate_has_a_label_without_a_code():
    assert label_of(container("80030123456789012", None), TODAY).heading == "周转容器"


@pytest.mark.parametrize(("volume_l", "points"), [(50, 283.46), (60, 425.19), (450, 566.92)])
def test_the_page_is_as_large_as_the_label(volume_l, points):
    pdf = label_pdf(label_of(container(volume_l=volume_l), TODAY))

    assert pdf.startswith(b"%PDF-")
    assert f"/MediaBox [ 0 0 {points}".encode() in pdf


def test_the_same_label_is_the_same_bytes():
    label = label_of(container(volume_l=60), TODAY)

    assert label_pdf(label) == label_pdf(label)


def test_the_longest_tag_still_fits():
    held = container("x" * 64, materials=(LEAD, "ni-cd-batteries", "pcb-capacitors") * 3)

    assert label_pdf(label_of(held, TODAY)).startswith(b"%PDF-")


def test_a_label_names_what_lies_in_it_the_most_first_else_all_that_may():
    for_both = {"material": None, "classes": ("e-waste-part",)}
    empty = texts(container(**for_both))
    filled = texts(container(**for_both, booked=(Amount(BOARDS, 400), Amount(CRT, 601))))

    assert {"900-044-49", "900-045-49"} <= set(empty["废物代码"].split("、"))
    assert filled["废物代码"] == "900-044-49、900-045-49"
    assert filled["废物类别"] == "HW49"

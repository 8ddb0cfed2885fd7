"""What a container's label says, from the tables of its day (HJ 1276-2022)."""

from collections.abc import Sequence
from datetime import date

from services.tracking.adapters.segregation import TableClasses
from services.tracking.domain.container import Container
from services.tracking.domain.container_filling import allowed_materials
from services.tracking.domain.exemptions import range_of
from services.tracking.domain.label import Label, LabelLine
from shared.reference.codes import code_entry
from shared.reference.exemptions import exemption_tables
from shared.reference.material_codes import code_of_material
from shared.reference.materials import materials
from shared.reference.tables import parts

TRAITS_ZH = {"T": "毒性", "C": "腐蚀性", "I": "易燃性", "R": "反应性", "In": "感染性"}
NAMES_MAX = 4
LARGEST_MM = 200


def label_of(container: Container, on: date) -> Label:
    """Return the label of a container on a day: of what lies in it, else of what it is for."""
    side_mm, sides = label_size(container.volume_l, on)
    about = _materials(container, on)
    codes = [code for each in about if (code := _code(each, "cn", on))]
    traits = [trait for code in dict.fromkeys(codes) for trait in _traits(code, on)]
    classes = sorted({f"HW{code[-2:]}" for code in codes})
    lines = (
        LabelLine("废物名称", _names(about)),
        LabelLine("废物类别", "、".join(classes) or "—"),
        LabelLine("废物代码", "、".join(dict.fromkeys(codes)) or "—"),
        LabelLine("危险特性", "、".join(_trait(each) for each in dict.fromkeys(traits)) or "—"),
        LabelLine("联合国编号", _un_numbers(about, on)),
        LabelLine("容器", _size(container)),
        LabelLine("限重", f"{container.limit_g / 1000:g} kg  皮重 {container.tare_g / 1000:g} kg"),
        LabelLine("数字识别码", container.tag),
    )
    return Label(
        heading=_heading(about, codes),
        lines=lines,
        tag=container.tag,
        side_mm=side_mm,
        sides=sides,
    )


def label_size(volume_l: int | None, on: date) -> tuple[int, int]:
    """Return (side in millimetres, how many sides of the container) by the rules of a day.

    HJ 1276-2022 as in exemptions.csv: 100 mm up to and with 50 L, 150 mm above, 200 mm from 450 L
    on, and on two sides above that. A volume that is not known, or a day before the standard, gets
    the largest: that is never too small.
    """
    table = exemption_tables()["CN"]
    volume = range_of(None if volume_l is None else volume_l * 1_000, table.inputs["volume"])
    known = {"label": "required", "volume": volume}
    rows = table.on(on).by_question["label-size"]
    (answer,) = {row.answer for row in rows if row.fits(known)} or {""}
    side, cross, rest = answer.partition("x")
    return (int(side), 2 if rest.endswith("two-sides") else 1) if cross else (LARGEST_MM, 1)


def _materials(container: Container, on: date) -> tuple[str, ...]:
    """Return what it is about, the most first; an empty one is about all that it may hold."""
    inside = [each for each in container.content if each.mass_g > 0]
    if inside:
        ranked = sorted(inside, key=lambda each: (-each.mass_g, each.material))
        return tuple(each.material for each in ranked)
    return allowed_materials(container, on, classes=TableClasses())


def _heading(about: Sequence[str], codes: Sequence[str]) -> str:
    if codes:
        return "危险废物"
    known = materials()
    dangerous = any(known[each].hazardous for each in about if each in known)
    return "危险货物" if dangerous else "周转容器"


def _code(material: str, system: str, on: date) -> str | None:
    row = code_of_material(material, system, on)
    return row.code if row is not None else None


def _traits(code: str, on: date) -> tuple[str, ...]:
    return parts(code_entry("cn", code, on).details["traits"])


def _un_numbers(about: Sequence[str], on: date) -> str:
    numbers = [number for each in about if (number := _code(each, "un", on))]
    return "、".join(dict.fromkeys(numbers)) or "—"


def _names(about: Sequence[str]) -> str:
    known = materials()
    names = [known[each].name_zh for each in about if each in known]
    more = " 等" if len(names) > NAMES_MAX else ""
    return ("、".join(names[:NAMES_MAX]) + more) or "—"


def _trait(code: str) -> str:
    return f"{TRAITS_ZH.get(code, '')}({code})"


def _size(container: Container) -> str:
    volume = f"{container.volume_l} L" if container.volume_l is not None else "—"
    tested = f"  检验有效期 {container.tested_until}" if container.tested_until else ""
    return f"{container.container_type}  {volume}{tested}"

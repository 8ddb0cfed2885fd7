"""`WasteCodes` over the dated tables: China's catalogue as it held on a day."""

from datetime import date
from functools import lru_cache

from services.tracking.domain.register_columns import Named, waste_class
from services.tracking.domain.stock import RESIDUE
from shared.reference.material_codes import code_of_material
from shared.reference.materials import materials

SYSTEM, DANGEROUS_GOODS = "cn", "un"
RESIDUE_ZH = "分拣残余物"
LOOKED_UP_MAX = 16_384


class TableWasteCodes:
    """Reads files, once; holds what was looked up lately."""

    def named(self, material: str, on: date) -> Named:
        """Return what a material is called on a day; an unknown one has neither name nor code."""
        return _named(material, on)


@lru_cache(LOOKED_UP_MAX)
def _named(material: str, on: date) -> Named:
    known = materials().get(material)
    row = code_of_material(material, SYSTEM, on)
    code = (row.code if row is not None else None) or ""
    name_zh = known.name_zh if known else RESIDUE_ZH if material == RESIDUE else ""
    dangerous = code_of_material(material, DANGEROUS_GOODS, on)
    return Named(
        name_zh,
        code,
        waste_class(code),
        is_hazardous=bool(known and known.hazardous),
        un_number=(dangerous.code if dangerous is not None else None) or "",
    )

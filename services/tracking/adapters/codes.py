"""The dated code tables of shared.reference, behind tracking's port."""

from datetime import date

from shared.kernel.errors import Invalid, NotFound
from shared.reference.codes import code_entry
from shared.reference.material_codes import code_of_material
from shared.reference.materials import material as known_material
from shared.reference.tables import parts

CHINA, UNITED_NATIONS = "cn", "un"


def traits_of(waste_code: str | None, on: date) -> tuple[str, ...]:
    """Return the traits (T, C, I, R, In) of a catalogue's entry on a day; none for what has none.

    A manifest of a container whose code ended is a fact all the same: then there are none.
    """
    if waste_code is None:
        return ()
    try:
        entry = code_entry(CHINA, waste_code, on)
    except (Invalid, NotFound):
        return ()
    return parts(entry.details["traits"])


def codes_of(material: str, on: date) -> tuple[str | None, str | None, tuple[str, ...]]:
    """Return (waste code, UN number, traits) of a material on a day; none that it has not."""
    catalogue = code_of_material(material, CHINA, on)
    dangerous = code_of_material(material, UNITED_NATIONS, on)
    waste_code = catalogue.code if catalogue is not None else None
    un_number = dangerous.code if dangerous is not None else None
    return waste_code, un_number, traits_of(waste_code, on)


class TableCodes:
    """`Codes` over material_codes.csv."""

    def of(self, material: str, on: date) -> tuple[str | None, str | None]:
        """Return the codes that hold on a day."""
        known = known_material(material)
        catalogue = code_of_material(material, CHINA, on)
        if not known.hazardous or catalogue is None:
            raise Invalid("tracking.not_hazardous", "no code of that day names this material")
        dangerous = code_of_material(material, UNITED_NATIONS, on)
        return catalogue.code, dangerous.code if dangerous is not None else None

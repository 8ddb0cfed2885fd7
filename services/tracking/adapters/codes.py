"""The dated code tables of shared.reference, behind tracking's port."""

from datetime import date

from shared.kernel.errors import Invalid
from shared.reference.material_codes import code_of_material
from shared.reference.materials import material as known_material

CHINA, UNITED_NATIONS = "cn", "un"


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

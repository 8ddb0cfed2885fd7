"""The dated code tables of shared.reference, behind tracking's port."""

from datetime import date

from shared.kernel.errors import Invalid
from shared.reference.materials import material as known_material
from shared.reference.waste_codes import waste_code


class TableCodes:
    """`Codes` over waste_codes.csv."""

    def of(self, material: str, on: date) -> tuple[str | None, str | None]:
        """Return the codes that hold on a day."""
        known_material(material)
        row = waste_code(material, on)
        if row is None:
            raise Invalid("tracking.not_hazardous", "no code of that day names this material")
        return row.waste_code, row.un_number

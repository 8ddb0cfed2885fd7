"""The exemption rules and codes of shared.reference, behind tracking's port."""

from datetime import date

from services.tracking.adapters.codes import CHINA, UNITED_NATIONS
from shared.kernel.decision_table import DecisionTable
from shared.kernel.errors import Invalid
from shared.reference.exemptions import exemption_tables
from shared.reference.material_codes import code_of_material


class TableExemptions:
    """`Exemptions` over exemptions.csv and material_codes.csv."""

    def table(self, jurisdiction: str) -> DecisionTable:
        """Return the rules of a jurisdiction."""
        found = exemption_tables().get(jurisdiction)
        if found is None:
            raise Invalid("exemptions.jurisdiction", "there are no rules for this jurisdiction")
        return found

    def codes(self, material: str, on: date) -> tuple[str | None, str | None]:
        """Return the codes of a material on a day; of one that is not known, none."""
        catalogue = code_of_material(material, CHINA, on)
        dangerous = code_of_material(material, UNITED_NATIONS, on)
        return (catalogue.code if catalogue else None, dangerous.code if dangerous else None)

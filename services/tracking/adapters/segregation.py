"""The dated matrix of shared.reference, behind the domain's port."""

from datetime import date

from shared.reference import segregation


class TableClasses:
    """`Classes` over segregation.csv and segregation_groups.csv."""

    def materials_of(self, class_code: str, on: date) -> tuple[str, ...]:
        """Return the materials of a class on a day."""
        return segregation.materials_of(class_code, on)

    def compatible(self, one: str, other: str, on: date) -> bool:
        """Say whether two materials may lie in one container on a day."""
        return segregation.compatible(one, other, on)

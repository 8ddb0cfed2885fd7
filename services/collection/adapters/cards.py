"""Residents' QR cards. Until cards are given out, nobody has one."""

from datetime import datetime


class NoCards:
    """`Cards` of a city that gives none: each visitor signs up, or is anonymous."""

    def household_of(self, token: str, *, at: datetime) -> str | None:  # noqa: ARG002 - the port's
        """Return None: nobody has such a card."""
        return None

"""Residents' QR cards. Until cards are given out, nobody has one."""

from datetime import datetime

from services.collection.application.drive_ports import Holder


class NoCards:
    """`Cards` of a city that gives none: each visitor signs up, or is anonymous."""

    def holder(self, token: str, *, at: datetime) -> Holder | None:  # noqa: ARG002 - the port's
        """Return None: nobody has such a card."""
        return None

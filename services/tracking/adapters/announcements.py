"""Domain events become contract models here, and nowhere else."""

from services.tracking.adapters import (
    container_announcements,
    crate_announcements,
    lot_announcements,
)
from services.tracking.adapters.announcing import announce

__all__ = ["announce", "container_announcements", "crate_announcements", "lot_announcements"]

"""What the law asked of a leg of a consignment's way: one verdict a material, kept for good."""

from dataclasses import dataclass

from services.tracking.domain.exemptions import Verdict


@dataclass(frozen=True, slots=True)
class LegVerdict:
    """The verdict on a material that a carrier took over; `leg` counts the carriers, from 1."""

    leg: int
    verdict: Verdict

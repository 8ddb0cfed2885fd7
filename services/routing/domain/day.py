"""A service day's plans: the one document on which their versions are decided.

A later plan of a day supersedes the earlier ones whole. Where it was made before a stop was booked
that an earlier one serves, it drops that stop: comparing them finds it, and it is reported.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date


@dataclass(frozen=True, slots=True)
class PlanDay:
    """`plan_ids` in the order of their versions, from 1.

    `compared` are the published ones between which dropped stops were looked for; while there are
    others the day is `due`.
    """

    service_day: date
    plan_ids: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    due: bool = False

    def publishing(self, plan_id: str) -> "PlanDay":
        """Give a plan the next version; giving it again is the same."""
        if plan_id in self.plan_ids:
            return self
        return replace(self, plan_ids=(*self.plan_ids, plan_id), due=True)

    def version_of(self, plan_id: str) -> int:
        """Return the version that a plan was given."""
        return self.plan_ids.index(plan_id) + 1

    def having_compared(self, plan_ids: Collection[str]) -> "PlanDay":
        """Note which published plans were compared; one that is still to be published is not."""
        compared = tuple(each for each in self.plan_ids if each in plan_ids)
        return replace(self, compared=compared, due=compared != self.plan_ids)

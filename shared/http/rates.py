"""A token bucket for each caller, in this process, for the callers seen last."""

import time
from collections import OrderedDict

CALLERS_MAX = 10_000
BURST_S = 5


class Rates:
    """Allows each caller `per_s` requests a second, five seconds' worth at once."""

    def __init__(self, *, per_s: int) -> None:
        """Callers beyond the 10,000 seen last begin with a full bucket again."""
        self._per_s = per_s
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        """Return how many callers are remembered."""
        return len(self._buckets)

    def allow(self, caller: str) -> bool:
        """Take one request out of the caller's bucket, or say no."""
        now_s = time.monotonic()
        full = float(self._per_s * BURST_S)
        left, seen_s = self._buckets.pop(caller, (full, now_s))
        left = min(full, left + (now_s - seen_s) * self._per_s)
        allowed = left >= 1
        self._buckets[caller] = (left - 1 if allowed else left, now_s)
        if len(self._buckets) > CALLERS_MAX:
            self._buckets.popitem(last=False)
        return allowed

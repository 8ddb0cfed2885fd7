"""Places for streams of events: so many in a process, and so many of one caller.

They are outside of the edge's places for requests, which are meant for short ones.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from shared.kernel.errors import Rejected, Unavailable
from shared.observability import metrics


class Streams:
    """One instance a process, used by its event loop only."""

    def __init__(self, *, streams_max: int, of_caller_max: int) -> None:
        """Both bounds are of this process."""
        self._streams_max = streams_max
        self._of_caller_max = of_caller_max
        self._open: Counter[str] = Counter()

    def __len__(self) -> int:
        """Return how many are open."""
        return self._open.total()

    @contextmanager
    def place(self, caller: str) -> Iterator[None]:
        """Hold a place.

        Raises `Unavailable` (http.too_many_streams), or `Rejected` (http.too_many_requests) for a
        caller who has too many.
        """
        if len(self) >= self._streams_max:
            metrics.HTTP_SHED.labels("streams").inc()
            raise Unavailable("http.too_many_streams", "too many streams are open", retry_after_s=5)
        if self._open[caller] >= self._of_caller_max:
            metrics.HTTP_SHED.labels("streams").inc()
            raise Rejected("http.too_many_requests", "you have too many streams open")
        self._open[caller] += 1
        metrics.HTTP_STREAMS.inc()
        try:
            yield
        finally:
            metrics.HTTP_STREAMS.dec()
            self._open[caller] -= 1
            if not self._open[caller]:
                del self._open[caller]

"""The one place where tracking's domain events become contract models, by the event's type.

Modules beside register what they know; `announcements` imports them all.
"""

from datetime import datetime
from functools import singledispatch

from shared.contracts.codec import Envelope, encode
from shared.contracts.topic import Payload
from shared.observability.tracing import current

SOURCE = "greenloop/tracking"


@singledispatch
def announce(event: object) -> Envelope:
    """Return the envelope of a domain event."""
    raise TypeError(f"no contract for {type(event).__name__}")


def enveloped(payload: Payload, key: str, *, at: datetime) -> Envelope:
    """Return the envelope of a payload whose key is also its subject."""
    return encode(payload, key=key, subject=key, time=at, source=SOURCE, traceparent=current())

"""The live tile as a Faust agent: batches without automatic acks, acknowledged in order.

An exception in an agent acknowledges its event (house style 17), so what cannot be read is
counted and passed over inside the loop: the exact intake is what keeps and buries it.
"""

from typing import Any

import faust
import structlog

from services.volumes.adapters.lanes import SOURCES
from services.volumes.adapters.wire import lots_total
from services.volumes.domain.live import LiveTile
from shared.kernel.errors import Invalid

log = structlog.get_logger(__name__)

BATCH_EVENTS_MAX = 1000
BATCH_WITHIN_S = 0.5


def add_live_agent(app: faust.App, tile: LiveTile) -> None:
    """Let `app` keep `tile` up to date from the topics with lots."""
    names = [source.topic.name for source in SOURCES]
    topic = app.topic(
        *names, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

    @app.agent(topic, name="volumes.live-tile", concurrency=1)  # type: ignore[untyped-decorator]
    async def live_tile(stream: Any) -> None:  # noqa: ANN401 - faust is untyped
        async for events in stream.noack_take(BATCH_EVENTS_MAX, within=BATCH_WITHIN_S):
            for event in events:
                _add(tile, event.message)
                await stream.ack(event)


def _add(tile: LiveTile, message: Any) -> None:  # noqa: ANN401 - faust is untyped
    try:
        for day, community_code, mass_g in lots_total(message.headers, message.value):
            tile.add(day, community_code, mass_g)
    except Invalid as reason:
        log.info("volumes.live_skipped", code=reason.code)

"""Quix Streams doing the same keyed sum, in its own environment; prints `rate N` and ends."""

import os
import sys
import time

from quixstreams import Application

EVENTS = int(os.environ["PEER_EVENTS"])
seen = 0
begun_s = 0.0

app = Application(
    broker_address=os.environ["PEER_KAFKA"],
    consumer_group=f"quix-{os.getpid()}",
    auto_offset_reset="earliest",
    state_dir=os.environ["PEER_STATE"],
    loglevel="ERROR",
)
topic = app.topic(os.environ["PEER_TOPIC"], value_deserializer="json")


def add(event, state):
    """Add each lot of an event to its row, and count the event."""
    global seen, begun_s
    for lot in event.get("lots", ()):
        key = f"{event['weighed_at'][:13]}|{lot['material']}|{lot['grade']}"
        state.set(key, state.get(key, 0) + lot["mass_g"])
    seen += 1
    if seen == 1:
        begun_s = time.monotonic()
    elif seen == EVENTS:
        sys.stdout.write(f"rate {(EVENTS - 1) / (time.monotonic() - begun_s):.0f}\n")
        sys.stdout.flush()
        os._exit(0)


frame = app.dataframe(topic)
frame = frame.update(add, stateful=True)

if __name__ == "__main__":
    app.run()

"""A naive Faust table agent that does the same sum; prints `rate N` and ends."""

import json
import os
import sys
import time

import faust

EVENTS = int(os.environ["PEER_EVENTS"])
app = faust.App(
    "naive-faust",
    broker=f"kafka://{os.environ['PEER_KAFKA']}",
    store="memory://",
    datadir=os.environ["PEER_STATE"],
    web_enabled=False,
    topic_disable_leader=True,
    topic_partitions=12,
    stream_buffer_maxsize=100_000,
    broker_max_poll_records=10_000,
    consumer_auto_offset_reset="earliest",
)
topic = app.topic(
    os.environ["PEER_TOPIC"],
    key_type=bytes,
    value_type=bytes,
    key_serializer="raw",
    value_serializer="raw",
)
sums = app.Table("sums", default=int, partitions=12)
seen = 0
begun_s = 0.0


@app.agent(topic)
async def add(stream):
    """Add each lot to its row."""
    global seen, begun_s
    async for value in stream:
        event = json.loads(value)
        for lot in event["lots"]:
            cell = f"{lot['material']}|{lot['grade']}"
            key = f"{event['community_code']}|{event['weighed_at'][:13]}|{cell}"
            sums[key] += lot["mass_g"]
        seen += 1
        if seen == 1:
            begun_s = time.monotonic()
        elif seen == EVENTS:
            sys.stdout.write(f"rate {(EVENTS - 1) / (time.monotonic() - begun_s):.0f}\n")
            sys.stdout.flush()
            os._exit(0)


if __name__ == "__main__":
    faust.Worker(
        app, loglevel="CRITICAL", quiet=False, redirect_stdouts=False
    ).execute_from_commandline()

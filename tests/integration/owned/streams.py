"""Streams do not end, so that no case can ask for one: what proves each cell instead."""

OF_PICKUP = (
    "tests/integration/test_collection_live.py",
    "test_a_stream_is_for_who_may_see_the_pickup",
)
STREAMS = {
    "collection": {
        f"{role}: GET /v1/pickups/{{pickup_id}}/events": OF_PICKUP
        for role in ("resident", "company", "regulator")
    }
}

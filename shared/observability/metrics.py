"""The one catalogue of metrics. Base units (seconds, grams, bytes); closed label sets.

No other module creates a metric; `tests/architecture` sees to it.
"""

from prometheus_client import Counter, Gauge, Histogram

LATENCY_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
# A read by id takes 0.3 ms here, a durable write 1 to 3 ms.
DATABASE_BUCKETS_S = (0.0005, 0.001, 0.0025, *LATENCY_BUCKETS_S)

HTTP_REQUESTS = Counter(
    "greenloop_http_requests_total",
    "Requests by route template, method and status class.",
    ("route", "method", "status"),
)
HTTP_LATENCY_S = Histogram(
    "greenloop_http_request_duration_seconds",
    "Time to answer, by route template.",
    ("route",),
    buckets=LATENCY_BUCKETS_S,
)
HTTP_SHED = Counter(
    "greenloop_http_shed_total", "Requests refused for load or rate, by reason.", ("reason",)
)
DATABASE_LATENCY_S = Histogram(
    "greenloop_database_command_duration_seconds",
    "Time until MongoDB's answer, by command and outcome (ok, failed).",
    ("command", "outcome"),
    buckets=DATABASE_BUCKETS_S,
)
HTTP_STREAMS = Gauge("greenloop_http_streams", "Streams of events that are open.")
OUTBOX_DOCUMENTS = Gauge("greenloop_outbox_documents", "Documents with pending events.")
OUTBOX_AGE_S = Gauge("greenloop_outbox_oldest_age_seconds", "Age of the oldest pending event.")
RELAY_PUBLISHED = Counter(
    "greenloop_relay_published_total", "Events acknowledged by Kafka.", ("topic",)
)
RELAY_LATENCY_S = Histogram(
    "greenloop_relay_latency_seconds",
    "From the commit of an event to its acknowledgement by Kafka.",
    ("topic",),
    buckets=LATENCY_BUCKETS_S,
)
RELAY_QUARANTINED = Gauge("greenloop_relay_quarantined", "Entries that cannot be sent.")
EVENTS_APPLIED = Counter(
    "greenloop_events_applied_total", "Events past the cursor.", ("group", "topic")
)
EVENTS_DUPLICATE = Counter(
    "greenloop_events_duplicate_total", "Re-sent events that were dropped.", ("group", "topic")
)
EVENTS_LAG = Gauge(
    "greenloop_events_lag", "Records on the topic behind which the group is.", ("group", "topic")
)
EVENT_AGE_S = Histogram(
    "greenloop_event_effect_latency_seconds",
    "From an event's acceptance to the commit of its effect.",
    ("group",),
    buckets=LATENCY_BUCKETS_S,
)
DEAD_LETTERS = Gauge("greenloop_dead_letters", "Dead letters that wait for a person.", ("group",))
INVARIANT_BROKEN = Gauge(
    "greenloop_invariant_broken", "1 while a law of conservation does not hold.", ("invariant",)
)
WATCHDOG_RESTARTS = Counter(
    "greenloop_watchdog_restarts_total", "Ends of this process for lack of progress.", ("group",)
)
STARTS_UNIX_S = Gauge("greenloop_process_started_seconds", "When this process started (epoch).")
LIVE_OFF_G = Gauge(
    "greenloop_live_tile_off_grams", "By how much the live tile differed when it was reconciled."
)
NOTICES = Gauge("greenloop_notices", "Notices that wait, or are parked for a person.", ("status",))
NOTICES_ENDED = Counter(
    "greenloop_notices_ended_total", "Notices that were sent, void or parked.", ("status",)
)
NOTICES_FAILED = Counter(
    "greenloop_notice_failures_total", "Attempts to send a notice that will be repeated."
)

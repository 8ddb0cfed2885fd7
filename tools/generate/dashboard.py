"""One Grafana dashboard of what an operator watches first, from the metric catalogue."""

from pathlib import Path
from typing import Any

from tools.generate.schemas import ROOT, as_json

Json = dict[str, Any]
WIDTH, HEIGHT, COLUMNS = 8, 7, 3
# (title, unit, [(query, legend)])
PANELS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("Invariants broken", "short", (("max by (invariant) (greenloop_invariant_broken)", "{{invariant}}"),)),
    ("Dead letters", "short", (("max by (group) (greenloop_dead_letters)", "{{group}}"),)),
    ("Oldest pending event", "s", (("max by (job) (greenloop_outbox_oldest_age_seconds)", "{{job}}"),)),
    ("Lag", "short", (("sum by (group) (greenloop_events_lag)", "{{group}}"),)),
    ("Events published", "ops", (("sum by (topic) (rate(greenloop_relay_published_total[1m]))", "{{topic}}"),)),
    ("Commit to topic, p99", "s", (
        ("histogram_quantile(0.99, sum by (le) (rate(greenloop_relay_latency_seconds_bucket[5m])))", "p99"),
    )),
    ("Event to effect, p99", "s", (
        ("histogram_quantile(0.99, sum by (le, group) (rate(greenloop_event_effect_latency_seconds_bucket[5m])))", "{{group}}"),
    )),
    ("Requests", "reqps", (("sum by (status) (rate(greenloop_http_requests_total[1m]))", "{{status}}"),)),
    ("Answer time, p99", "s", (
        ("histogram_quantile(0.99, sum by (le, route) (rate(greenloop_http_request_duration_seconds_bucket[5m])))", "{{route}}"),
    )),
    ("Requests shed", "ops", (("sum by (reason) (rate(greenloop_http_shed_total[5m]))", "{{reason}}"),)),
    ("Live tile off by", "massg", (("max(greenloop_live_tile_off_grams)", "grams"),)),
    ("Restarts by the watchdog", "short", (("sum by (group) (increase(greenloop_watchdog_restarts_total[1h]))", "{{group}}"),)),
)  # fmt: skip


def files() -> dict[Path, str]:
    """Return the dashboard's file."""
    dashboard: Json = {
        "title": "Greenloop",
        "uid": "greenloop",
        "schemaVersion": 39,
        "version": 1,
        "editable": True,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "templating": {
            "list": [{"name": "source", "type": "datasource", "query": "prometheus"}],
        },
        "panels": [_panel(number) for number in range(len(PANELS))],
    }
    return {ROOT / "deploy" / "grafana" / "greenloop.json": as_json(dashboard)}


def _panel(number: int) -> Json:
    title, unit, queries = PANELS[number]
    row, column = divmod(number, COLUMNS)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [
            {"refId": chr(ord("A") + place), "expr": query, "legendFormat": legend}
            for place, (query, legend) in enumerate(queries)
        ],
    }

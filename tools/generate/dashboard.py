"""One Grafana dashboard of what an operator watches first, from the metric catalogue."""

import csv
from pathlib import Path
from typing import Any

from tools.generate.schemas import ROOT, as_json

Json = dict[str, Any]
WIDTH, HEIGHT, COLUMNS = 8, 7, 3
PANELS = Path(__file__).with_name("panels.csv")


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
        "panels": [_panel(number, row) for number, row in enumerate(_rows())],
    }
    return {ROOT / "deploy" / "grafana" / "greenloop.json": as_json(dashboard)}


def _rows() -> list[dict[str, str]]:
    with PANELS.open(encoding="utf-8", newline="") as table:
        return list(csv.DictReader(table))


def _panel(number: int, panel: dict[str, str]) -> Json:
    row, column = divmod(number, COLUMNS)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel["title"],
        "datasource": {"type": "prometheus", "uid": "${source}"},
        "gridPos": {"x": column * WIDTH, "y": row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel["unit"], "min": 0}, "overrides": []},
        "targets": [{"refId": "A", "expr": panel["query"], "legendFormat": panel["legend"]}],
    }

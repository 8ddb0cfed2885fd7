"""One catalogue of metrics: base units, closed label sets, each fed, none made elsewhere."""

import ast
import re

import pytest
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

from shared.observability import metrics
from tests.architecture.source_tree import ROOT, parse, python_files

CATALOGUE = {
    name: held for name, held in vars(metrics).items() if isinstance(held, MetricWrapperBase)
}
CLOSED_LABELS = {"route", "method", "status", "reason", "topic", "group", "invariant"}
CLOSED_LABELS |= {"command", "outcome"}
UNIT_ENDINGS = ("_seconds", "_grams", "_bytes")
SOURCES = python_files("shared", "services", "tools", "deploy")
WATCHED = [
    *(ROOT / "deploy" / "prometheus").glob("*.yml"),
    *(ROOT / "tools" / "generate").glob("*.csv"),
]


def makes_metrics(tree: ast.Module) -> bool:
    """Say whether a module imports prometheus_client's types of metrics."""
    names = [
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == "prometheus_client"
        for alias in node.names
    ]
    whole = any(
        alias.name.startswith("prometheus_client")
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    )
    return whole or bool({"Counter", "Gauge", "Histogram", "Summary", "Info", "Enum"} & set(names))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_other_module_makes_a_metric(path):
    assert not makes_metrics(parse(path)) or path.name == "metrics.py"


def test_sees_a_metric_that_is_made_elsewhere():
    assert makes_metrics(ast.parse("from prometheus_client import Counter"))
    assert makes_metrics(ast.parse("import prometheus_client"))


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_metric_is_fed(name):
    fed = re.compile(rf"\bmetrics\.{name}\b")

    assert any(fed.search(path.read_text(encoding="utf-8")) for path in SOURCES)


@pytest.mark.parametrize(("name", "metric"), CATALOGUE.items())
def test_each_metric_follows_the_names(name, metric):
    described = metric.describe()[0]

    assert described.name.startswith("greenloop_")
    assert described.documentation.endswith(".")
    assert set(metric._labelnames) <= CLOSED_LABELS
    assert isinstance(metric, Counter | Gauge | Histogram)


@pytest.mark.parametrize(("name", "metric"), CATALOGUE.items())
def test_each_unit_is_a_base_unit_and_is_in_the_name(name, metric):
    described = metric.describe()[0].name
    is_measured = isinstance(metric, Histogram) or name.endswith(("_S", "_G", "_BYTES"))

    assert described.endswith(UNIT_ENDINGS) == is_measured


@pytest.mark.parametrize("path", WATCHED, ids=lambda p: p.name)
def test_rules_and_dashboards_name_only_metrics_of_the_catalogue(path):
    known = {metric.describe()[0].name for metric in CATALOGUE.values()}
    used = set(re.findall(r"\bgreenloop_[a-z_]+", path.read_text(encoding="utf-8")))

    assert {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in used} <= known

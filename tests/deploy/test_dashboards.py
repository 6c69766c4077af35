"""Every query of a dashboard and a rule names a series that exists, by labels it has."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.exported import OF_TARGETS, exported, running_apps
from tests.deploy.promql import spoken_of

DEPLOY = Path(__file__).parents[2] / "deploy"
BOARDS = sorted((DEPLOY / "grafana" / "dashboards").glob("*.json"))
OF_PROMETHEUS: Mapping[str, frozenset[str]] = {
    "up": frozenset(),
    "ALERTS": frozenset({"alertname", "alertstate", "severity"}),
    "process_cpu_seconds_total": frozenset(),
    "process_open_fds": frozenset(),
    "process_resident_memory_bytes": frozenset(),
    "process_start_time_seconds": frozenset(),
}


def _rules() -> list[dict[str, Any]]:
    files = sorted((DEPLOY / "prometheus" / "rules").glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"]]


def _panels(board: Path) -> Iterator[dict[str, Any]]:
    yield from json.loads(board.read_text())["panels"]


def _expressions() -> dict[str, str]:
    """Every expression of ours by where it stands."""
    found = {f"rule {rule.get('alert') or rule['record']}": rule["expr"] for rule in _rules()}
    for board in BOARDS:
        for annotation in json.loads(board.read_text())["annotations"]["list"]:
            found[f"{board.stem}: annotation {annotation['name']}"] = annotation["expr"]
        for panel in _panels(board):
            for target in panel.get("targets", ()):
                found[f"{board.stem}: {panel['title']} {target['refId']}"] = target["expr"]
    return found


@pytest.fixture
async def series(tmp_path: Path, redis_url: str) -> AsyncIterator[dict[str, frozenset[str]]]:
    """The labels of every series there is, by its name."""
    async with running_apps(tmp_path, redis_url) as apps:
        found = dict(OF_PROMETHEUS)
        for metric in exported(apps).values():
            of_buckets = {"le"} if metric.kind == "histogram" else set()
            found.update(dict.fromkeys(metric.series, frozenset({*metric.labels, *of_buckets})))
        for rule in _rules():
            if "record" in rule:
                found[rule["record"]] = frozenset(spoken_of(rule["expr"]).grouped)
        yield found


async def test_every_query_names_what_exists(series: dict[str, frozenset[str]]) -> None:
    wrong = []
    for where, expression in _expressions().items():
        spoken = spoken_of(expression)
        known: set[str] = set(OF_TARGETS)
        for name, labels in spoken.series.items():
            has = series.get(name)
            if has is None:
                wrong.append(f"{where}: no series {name}")
                continue
            known |= has
            wrong += [f"{where}: {name} has no label {label}" for label in labels - has - OF_TARGETS]
        wrong += [f"{where}: nothing here has the label {label}" for label in spoken.grouped - known]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.stem)
def test_a_dashboard_can_be_provisioned(board: Path) -> None:
    content = json.loads(board.read_text())
    assert content["uid"] == f"headgate-{board.stem}"
    sources = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/prometheus.yml").read_text())
    (source,) = {source["uid"] for source in sources["datasources"]}
    ids = [panel["id"] for panel in content["panels"]]
    assert len(ids) == len(set(ids))
    for panel in content["panels"]:
        for target in panel.get("targets", ()):
            assert target["datasource"]["uid"] == source


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.stem)
def test_panels_do_not_lie_over_each_other(board: Path) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in _panels(board):
        at = panel["gridPos"]
        cells = {(at["x"] + x, at["y"] + y) for x in range(at["w"]) for y in range(at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, panel["title"]
        taken |= cells


@pytest.mark.parametrize(
    ("expression", "series", "grouped"),
    [
        ("up == 0", {"up": set()}, set()),
        ('rate(a_total{x="{b}", y=~"c"}[5m]) > 1.5e9', {"a_total": {"x", "y"}}, set()),
        ("sum by (le, route) (rate(a_bucket[$__rate_interval]))", {"a_bucket": set()}, {"le", "route"}),
        ("a / on (role) group_left b offset 5m or vector(0)", {"a": set(), "b": set()}, {"role"}),
        ('service:a:ratio5m{service="g"} and b', {"service:a:ratio5m": {"service"}, "b": set()}, set()),
    ],
)
def test_an_expression_is_understood(expression: str, series: dict[str, set[str]], grouped: set[str]) -> None:
    spoken = spoken_of(expression)
    assert spoken.series == series
    assert spoken.grouped == grouped

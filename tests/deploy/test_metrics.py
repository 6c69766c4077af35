"""docs/metrics.md is a list of what there is, and Prometheus likes how it is named."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from libs.common.metrics import Metrics
from tests.deploy.exported import OF_TARGETS, SERVICES, Exported, exported, running_apps
from tests.deploy.promtool import promtool

DOCUMENT = Path(__file__).parents[2] / "docs" / "metrics.md"
ROW = re.compile(r"^\| `(headgate_\w+)` \| (.*?) \| (.*?) \| (.*?) \| (.*?) \|$", re.MULTILINE)


@pytest.fixture
async def apps(tmp_path: Path, redis_url: str) -> AsyncIterator[dict[str, Metrics]]:
    async with running_apps(tmp_path, redis_url) as found:
        yield found


def _row(metric: Exported) -> tuple[str, ...]:
    labels = ", ".join(f"`{label}`" for label in metric.labels)
    where = "all" if metric.services == SERVICES else ", ".join(metric.services)
    return metric.name, metric.kind, labels, where, metric.help.rstrip(".")


def _line(row: tuple[str, ...]) -> str:
    name, *others = row
    return " | ".join((f"| `{name}`", *others)) + " |"


async def test_the_table_names_every_metric_as_it_is(apps: dict[str, Metrics]) -> None:
    documented = {row[0]: row for row in ROW.findall(DOCUMENT.read_text())}
    existing = {metric.name: _row(metric) for metric in exported(apps).values()}
    wrong = [_line(row) for name, row in existing.items() if documented.get(name) != row]
    assert not wrong, "docs/metrics.md should have these rows:\n" + "\n".join(wrong)
    assert not documented.keys() - existing.keys()


@pytest.mark.parametrize("service", SERVICES)
async def test_prometheus_finds_nothing_wrong_with_the_names(apps: dict[str, Metrics], service: str) -> None:
    promtool("check", "metrics", text=apps[service].render())


async def test_no_label_is_one_that_prometheus_adds_itself(apps: dict[str, Metrics]) -> None:
    clashes = [metric.name for metric in exported(apps).values() if OF_TARGETS & set(metric.labels)]
    assert not clashes


async def test_every_metric_says_what_it_means(apps: dict[str, Metrics]) -> None:
    assert all(metric.help for metric in exported(apps).values())

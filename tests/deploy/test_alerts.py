"""Alert and recording rules: valid, tested one by one, and each tells its reader what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.promtool import promtool

PROMETHEUS = Path(__file__).parents[2] / "deploy" / "prometheus"
SEVERITIES = {"critical", "warning"}


def _alerts() -> list[dict[str, Any]]:
    files = sorted((PROMETHEUS / "rules").glob("*.yml"))
    groups = [group for file in files for group in yaml.safe_load(file.read_text())["groups"]]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


ALERTS = {alert["alert"]: alert for alert in _alerts()}


def test_the_configuration_and_its_rules_are_valid() -> None:
    assert "SUCCESS" in promtool("check", "config", str(PROMETHEUS / "prometheus.yml"))


def test_every_rule_fires_when_it_should_and_not_otherwise() -> None:
    tests = sorted(str(file) for file in (PROMETHEUS / "tests").glob("*.yml"))
    assert "FAILED" not in promtool("test", "rules", *tests)


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_says_what_happened_and_what_to_do(name: str) -> None:
    alert = ALERTS[name]
    assert alert["labels"]["severity"] in SEVERITIES
    assert alert["annotations"]["summary"]
    assert alert["annotations"]["action"].endswith(".")


@pytest.mark.parametrize("name", ALERTS)
def test_an_alert_has_a_unit_test(name: str) -> None:
    tests = "".join(file.read_text() for file in (PROMETHEUS / "tests").glob("*.yml"))
    assert name in tests

"""Limits and blocks in words."""

import pytest

from libs.common.settings import Env
from services.gateway.abuse.model import MANUAL
from services.gateway.abuse.scenarios import SCENARIOS
from services.gateway.limits.rules import ALL_KEYS
from services.gateway.limits.settings import LimitSettings
from services.gateway.pages.admin.words import (
    LIMIT_WORDS,
    SCENARIO_WORDS,
    limit_words,
    rule_words,
    upstream_words,
)


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("10/s burst 20; 100000/d", "10 a second, 20 at once; 100,000 a day"),
        ("1/m burst 5", "1 a minute, 5 at once"),
        ("whatever comes", "whatever comes"),
    ],
)
def test_a_rule_is_said(rule: str, words: str) -> None:
    assert rule_words(rule) == words


def test_every_limit_and_every_scenario_has_words() -> None:
    settings = LimitSettings.from_env(Env({}))
    names = {limit.name for limit in settings.shared} | {settings.address.name, settings.warm.name}
    assert names | {ALL_KEYS} == set(LIMIT_WORDS)
    assert {scenario.name for scenario in SCENARIOS} | {MANUAL} == set(SCENARIO_WORDS)


def test_an_unknown_limit_keeps_its_name() -> None:
    assert limit_words("night-rate") == ("Night rate", "")


def test_an_addon_is_named_by_the_beginning_of_its_hash() -> None:
    assert upstream_words("6a3f9d01" * 8) == "addon 6a3f9d01…"
    assert upstream_words("catalog") == "catalog"

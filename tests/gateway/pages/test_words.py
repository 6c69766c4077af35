"""Figures in words."""

from datetime import timedelta

import pytest

from libs.common.contracts.addon_health import HealthStateName, SourceHealth
from libs.common.contracts.catalog import AddonState, AddonStatus
from services.gateway.pages.words import ago, duration, plural, resource_words, state_words
from tests.gateway.pages.inner import NOW, addon


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "just now"),
        (50, "a minute ago"),
        (130, "2 minutes ago"),
        (3600, "1 hour ago"),
        (90_000, "1 day ago"),
        (-5, "just now"),
    ],
)
def test_time_past_is_told_in_its_largest_unit(seconds: int, words: str) -> None:
    assert ago(NOW - timedelta(seconds=seconds), NOW) == words


def test_durations_change_unit_at_a_second() -> None:
    assert [duration(ms) for ms in (0.2, 82.4, 994, 3820)] == ["1 ms", "82 ms", "994 ms", "3.8 s"]


def test_one_is_singular() -> None:
    assert [plural(1, "row"), plural(1200, "row")] == ["1 row", "1,200 rows"]


def test_a_switched_off_addon_says_so_whatever_its_state() -> None:
    off = addon("a", "A", enabled=False, state=AddonState(status="failing"))
    assert state_words(off) == ("off", "Switched off")


@pytest.mark.parametrize(
    ("state", "status", "shown"),
    [
        ("active", "ok", ("ok", "Answering")),
        ("poor", "ok", ("slow", "Unreliable")),
        ("poor", "failing", ("failing", "Failing")),
        ("out", "failing", ("failing", "Resting")),
    ],
)
def test_the_state_is_told_as_it_matters(
    state: HealthStateName, status: AddonStatus, shown: tuple[str, str]
) -> None:
    one = addon("a", "A", state=AddonState(status=status), health=SourceHealth(score=50, state=state))
    assert state_words(one) == shown


def test_resources_are_named_for_people() -> None:
    assert resource_words(addon("a", "A", catalogs=3)) == "3 rows, titles, sources"
    assert resource_words(addon("a", "A", resources=())) == "nothing that Headgate can use"

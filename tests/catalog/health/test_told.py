"""Health in words: score, state and the reason, as owners and streaming are told."""

from __future__ import annotations

from dataclasses import replace

from libs.common.contracts.addon_health import SourceHealth
from services.catalog.health.told import Teller
from services.catalog.health_model import Figures
from tests.catalog.health.seen import BAD, GOOD, NOW, RULES, after, seen


def told(*, enabled: bool = True, pinned: bool = False, **known: Figures) -> SourceHealth:
    return Teller(RULES).health(known, enabled=enabled, pinned=pinned, now=NOW)


def test_nothing_is_known_of_one_that_was_not_asked() -> None:
    health = told()
    assert (health.score, health.badge, health.state) == (None, "unknown", "unknown")
    assert health.reason == "It has not been asked yet."


def test_one_that_answers_is_active() -> None:
    health = told(stream=after(*[GOOD] * 10))
    assert (health.score, health.badge, health.state) == (100, "excellent", "active")
    assert health.reason == "It answers well and quickly."


def test_a_slow_one_says_so() -> None:
    assert told(stream=after(*[seen(ms=2400)] * 10)).reason == "It answers well, in 2.4 seconds."


def test_the_worst_of_what_it_is_asked_is_the_reason() -> None:
    health = told(catalog=after(*[GOOD] * 50), stream=after(*[BAD, GOOD] * 10))
    assert health.reason.startswith("Of its last answers for sources about ")
    assert health.state == "active"
    assert health.score is not None
    assert 50 < health.score < 80


def test_one_that_rests_from_a_part_is_asked_for_the_others() -> None:
    dead = after(*[GOOD] * 20, *[BAD] * 5)
    health = told(catalog=after(*[GOOD] * 50), stream=dead)
    assert (health.state, health.resting) == ("poor", ("stream",))
    assert health.reason == "It is not asked for sources: it failed again and again. It broke."
    assert told(stream=dead).state == "out"
    assert told(stream=dead).reason.startswith("It is not asked for anything:")


def test_a_pinned_one_that_fails_says_why_it_is_still_asked() -> None:
    health = told(pinned=True, stream=after(*[BAD] * 10, pinned=True))
    assert (health.state, health.badge, health.pinned) == ("poor", "poor", True)
    assert health.reason.endswith("It is pinned, so it goes on being asked.")


def test_one_that_is_switched_off_is_off() -> None:
    assert told(enabled=False, stream=after(GOOD)).state == "off"


def test_the_operators_bound_says_who_is_poor() -> None:
    figures = after(*[GOOD] * 20, BAD)
    strict = Teller(replace(RULES, poor_below=95))
    assert told(stream=figures).state == "active"
    judged = strict.health({"stream": figures}, enabled=True, pinned=False, now=NOW)
    assert (judged.state, judged.badge) == ("poor", "fair")

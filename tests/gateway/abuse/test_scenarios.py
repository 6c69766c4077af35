"""What a refused request counts as."""

from __future__ import annotations

import pytest

from services.gateway.abuse.scenarios import (
    BLOCK_S,
    GUESSING,
    LONGEST_BLOCK_S,
    MALFORMED,
    REFUSALS,
    SCANNERS_POINTS,
    SCANNING,
    STUFFING,
    Seen,
    Signal,
    block_s,
    signal_of,
)


def seen(path: str = "/x", status: int = 404, code: str = "not_found", **more: str) -> Seen:
    return Seen(path=path, status=status, code=code, known_route=False, **more)


@pytest.mark.parametrize(
    "path",
    ["/wp-login.php", "/.env", "/.git/config", "/a/index.php", "/cgi-bin/x", "/.aws/credentials", "/db.sql"],
)
def test_a_scanners_address_weighs_more_than_a_typing_error(path: str) -> None:
    assert signal_of(seen(path)) == Signal(SCANNING, SCANNERS_POINTS)
    assert signal_of(seen(path, status=429, code="rate_limited")) == Signal(SCANNING, SCANNERS_POINTS)
    assert signal_of(seen("/setings")) == Signal(SCANNING, 1.0)


@pytest.mark.parametrize("path", ["/favicon.ico", "/robots.txt", "/.well-known/security.txt"])
def test_what_browsers_ask_by_themselves_does_not_count(path: str) -> None:
    assert signal_of(seen(path)) is None


def test_a_thing_that_is_not_there_below_a_known_address_does_not_count() -> None:
    assert signal_of(Seen("/api/v1/titles/nm1", 404, "not_found", known_route=True)) is None


def test_guesses_count_by_what_was_guessed() -> None:
    assert signal_of(seen("/stremio/t/x", code="unknown_install_token", token="t")) == Signal(
        GUESSING, 1, "t"
    )
    bad_token = Seen("/api/v1/me", 401, "unauthenticated", known_route=True, token="Bearer x")
    assert signal_of(bad_token) == Signal(GUESSING, 1.0, "Bearer x")
    assert signal_of(Seen("/api/v1/me", 401, "unauthenticated", known_route=True)) is None


def test_a_refused_sign_in_counts_by_name() -> None:
    refused = Seen("/api/v1/auth/login", 401, "wrong_credentials", known_route=True, sign_in_name="ada")
    assert signal_of(refused) == Signal(STUFFING, 1.0, "ada")


@pytest.mark.parametrize(
    ("status", "code", "scenario"),
    [
        (403, "forbidden", REFUSALS),
        (429, "rate_limited", REFUSALS),
        (400, "path_refused", MALFORMED),
        (400, "bad_request", MALFORMED),
    ],
)
def test_refusals_and_malformed_requests_count(status: int, code: str, scenario: object) -> None:
    signal = signal_of(Seen("/api/v1/me", status, code, known_route=True))
    assert signal is not None
    assert signal.scenario is scenario


@pytest.mark.parametrize("status", [409, 413, 422, 500, 502, 503, 504])
def test_a_wrong_form_and_our_own_failures_do_not_count(status: int) -> None:
    assert signal_of(Seen("/api/v1/me", status, "some", known_route=True)) is None


def test_each_block_lasts_twice_as_long_up_to_a_day() -> None:
    assert [block_s(times) for times in (1, 2, 3)] == [BLOCK_S, 2 * BLOCK_S, 4 * BLOCK_S]
    assert block_s(50) == LONGEST_BLOCK_S

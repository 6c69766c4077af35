"""Signed paths: unreadable, of one wish, over in time."""

from __future__ import annotations

import base64

import pytest

from libs.common.media import LASTS_S, MediaPathOver, MediaPaths, MediaPathUnknown, Proof, Wish
from libs.common.secrets import SecretKey
from tests.fakes.clock import ManualClock

KEY = SecretKey.from_text("a-secret-key-for-tests-only-0123456789abcdef")
PROOF = Proof("player-logins", "somebody-else2/abcdefgh2345")
WISH = Wish("account", "profile", "movie", 123)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def paths(clock: ManualClock) -> MediaPaths:
    return MediaPaths(KEY, clock)


def signed(path: str) -> str:
    return path.split("/")[2]


@pytest.mark.parametrize(
    "wish",
    [
        WISH,
        Wish("account", "profile", "live", 7, 1_700_000_000, 3600),
        Wish("account", "profile", "live", 7, part="http://panel.example/live/u/p/7_1.ts?token=x"),
    ],
)
def test_what_was_wished_is_read_again(paths: MediaPaths, wish: Wish) -> None:
    assert paths.read(signed(paths.path(wish, PROOF, "mkv")))[0] == wish


def test_the_path_ends_in_a_name_that_players_understand(paths: MediaPaths) -> None:
    assert paths.path(WISH, PROOF, "mkv").startswith("/media/")
    assert paths.path(WISH, PROOF, "mkv").endswith("/123.mkv")


def test_nothing_that_is_wished_can_be_read_by_others(paths: MediaPaths) -> None:
    path = paths.path(Wish("account", "profile", "live", 7, part="http://panel.example/u/secret/7.ts"), PROOF)
    assert "secret" not in path
    assert b"secret" not in base64.urlsafe_b64decode(signed(path) + "===")


def test_the_path_is_short(paths: MediaPaths) -> None:
    assert len(paths.path(Wish("a" * 22, "p" * 22, "series", 2**31 - 1), PROOF, "mkv")) < 200


def test_a_path_is_the_same_as_long_as_it_is_good_for_half_its_time(
    paths: MediaPaths, clock: ManualClock
) -> None:
    first = paths.path(WISH, PROOF, "mkv")
    left_s = LASTS_S - clock.time() % LASTS_S
    clock.advance(left_s - 1)
    assert paths.path(WISH, PROOF, "mkv") == first
    clock.advance(1)
    assert paths.path(WISH, PROOF, "mkv") != first
    assert paths.read(signed(first))[0] == WISH


def test_a_path_is_over_after_a_day_at_most(paths: MediaPaths, clock: ManualClock) -> None:
    path = paths.path(WISH, PROOF)
    clock.advance(LASTS_S)
    paths.read(signed(path))
    clock.advance(LASTS_S + 1)
    with pytest.raises(MediaPathOver):
        paths.read(signed(path))


@pytest.mark.parametrize("spoiled", ["", "x", "AAAA", "ä", "a" * 9000, "../../etc/passwd"])
def test_what_was_not_made_here_is_no_path(paths: MediaPaths, spoiled: str) -> None:
    with pytest.raises(MediaPathUnknown):
        paths.read(spoiled)


def test_a_letter_changed_is_no_path(paths: MediaPaths) -> None:
    good = signed(paths.path(WISH, PROOF))
    for at in range(0, len(good), 7):
        spoiled = good[:at] + ("A" if good[at] != "A" else "B") + good[at + 1 :]
        with pytest.raises(MediaPathUnknown):
            paths.read(spoiled)


def test_another_hubs_path_is_none_of_ours(clock: ManualClock) -> None:
    other = MediaPaths(SecretKey.from_text("another-secret-key-for-tests-0123456789abcdef"), clock)
    with pytest.raises(MediaPathUnknown):
        MediaPaths(KEY, clock).read(signed(other.path(WISH, PROOF)))


def test_an_address_is_never_shown(paths: MediaPaths) -> None:
    assert "secret" not in repr(Wish("account", "profile", "live", 7, part="http://panel/secret"))
    assert PROOF.token not in repr(paths.read(signed(paths.path(WISH, PROOF))))

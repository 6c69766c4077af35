"""The fake of Trakt, asked by pytrakt, a client that was made for Trakt itself; and what that never asks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp
import pytest
import requests
from trakt import core, errors, sync
from trakt.api import HttpClient, TokenAuth
from trakt.auth.device import DeviceAuthAdapter
from trakt.config import AuthConfig
from trakt.movies import Movie
from trakt.pagination import paginate
from trakt.tv import TVEpisode

from tests.fakes.clock import ManualClock
from tests.fakes.trakt import FakeTrakt, Person

LATER_MS = 1_700_000_000_000


@pytest.fixture
async def trakt(clock: ManualClock) -> AsyncIterator[FakeTrakt]:
    async with FakeTrakt(clock=clock) as trakt:
        yield trakt


@pytest.fixture
def ada(trakt: FakeTrakt) -> Person:
    return trakt.person("ada")


@pytest.fixture
def config(trakt: FakeTrakt, monkeypatch: pytest.MonkeyPatch) -> Iterator[AuthConfig]:
    """pytrakt told by its own settings whom to ask. It keeps one client for all."""
    core.api.cache_clear()
    core.config.cache_clear()
    monkeypatch.setattr(core, "BASE_URL", f"{trakt.url}/")
    monkeypatch.setattr(core, "CONFIG_PATH", "/nonexistent")
    with requests.Session() as session:
        monkeypatch.setattr(core, "session", session)
        yield core.config().update(CLIENT_ID="client-1", CLIENT_SECRET="secret-1")
    core.api.cache_clear()
    core.config.cache_clear()


@pytest.fixture
def signed_in(trakt: FakeTrakt, ada: Person, config: AuthConfig) -> AuthConfig:
    return config.update(OAUTH_TOKEN=trakt.sign_in(ada).access)


async def asked(function: Any, *arguments: Any) -> Any:
    return await asyncio.to_thread(function, *arguments)


async def test_pytrakt_signs_in_by_code(
    trakt: FakeTrakt, ada: Person, config: AuthConfig, clock: ManualClock
) -> None:
    adapter = DeviceAuthAdapter(core.api(), config)
    code = await asked(adapter.get_device_code)
    with pytest.raises(errors.BadRequestException):
        await asked(adapter.get_device_token, code["device_code"])
    with pytest.raises(errors.RateLimitException):
        await asked(adapter.get_device_token, code["device_code"])
    trakt.signing.approve(code["user_code"], ada)
    clock.advance(code["interval"])
    tokens = await asked(adapter.get_device_token, code["device_code"])
    assert tokens["expires_in"] == 604_800
    assert await asked(sync.get_watchlist) == []
    clock.advance(code["interval"])
    with pytest.raises(errors.ConflictException):
        await asked(adapter.get_device_token, code["device_code"])


async def test_pytrakt_renews_a_sign_in_once(trakt: FakeTrakt, ada: Person, config: AuthConfig) -> None:
    refresh = trakt.sign_in(ada).refresh
    config.update(OAUTH_REFRESH=refresh, OAUTH_EXPIRES_AT=0)
    client = HttpClient(core.BASE_URL, core.session)
    auth = TokenAuth(client, config.update(CLIENT_ID="client-1"))
    config.store = lambda: None
    await asked(auth.refresh_token)
    assert refresh != config.OAUTH_REFRESH
    config.update(OAUTH_REFRESH=refresh)
    with pytest.raises(errors.OAuthRefreshException, match="invalid_grant - session not found"):
        await asked(auth.refresh_token)


@pytest.mark.usefixtures("signed_in")
async def test_pytrakt_reads_what_was_watched(trakt: FakeTrakt, ada: Person) -> None:
    for number in range(120):
        ada.watch(trakt.titles.movie(f"Film {number}", 1950), LATER_MS + number)
    first = await asked(sync.get_watched, "movies")
    everything = await asked(paginate, "sync/watched/movies")
    assert [film.title for film in first[:2]] == ["Film 119", "Film 118"]
    assert (len(first), len(everything)) == (100, 120)


@pytest.mark.usefixtures("signed_in")
async def test_pytrakt_changes_the_watchlist(trakt: FakeTrakt, ada: Person) -> None:
    film = trakt.titles.movie("Metropolis", 1927, imdb="tt0017136")
    sent = {"movies": [{"ids": {"imdb": film.imdb}}, {"ids": {"imdb": "tt9999999"}}]}
    told = await asked(sync.add_to_watchlist, sent)
    assert (told["added"]["movies"], len(told["not_found"]["movies"])) == (1, 1)
    assert [one.title for one in await asked(sync.get_watchlist)] == ["Metropolis"]
    trakt.limits.written_at.clear()
    assert (await asked(sync.remove_from_watchlist, sent))["deleted"]["movies"] == 1
    assert ada.watchlist == {}


@pytest.mark.usefixtures("signed_in")
async def test_pytrakt_adds_plays_and_takes_all_of_them_away(
    trakt: FakeTrakt, ada: Person, clock: ManualClock
) -> None:
    film = trakt.titles.movie("Metropolis", 1927, imdb="tt0017136")
    episode = trakt.titles.show("The Line", seasons={1: 2})[1, 2]
    sent = {
        "movies": [{"ids": film.ids(), "watched_at": "2020-01-02T03:04:05.000Z"}],
        "episodes": [{"ids": episode.ids()}],
    }
    for _ in range(2):
        told = await asked(sync.add_to_history, sent)
        clock.advance(1)
    assert told["added"] == {"movies": 1, "shows": 0, "seasons": 0, "episodes": 1}
    assert [play.at_ms for play in ada.plays_of(film)] == [1_577_934_245_000] * 2
    gone = await asked(sync.remove_from_history, {"movies": [{"ids": {"imdb": film.imdb}}]})
    assert gone["deleted"]["movies"] == 2
    assert [play.item for play in ada.plays] == [episode] * 2


@pytest.mark.usefixtures("signed_in")
async def test_pytrakt_scrobbles(trakt: FakeTrakt, ada: Person, clock: ManualClock) -> None:
    film = trakt.titles.movie("Metropolis", 1927, imdb="tt0017136")
    episode = trakt.titles.show("The Line")[1, 3]
    seen = Movie("Metropolis", 1927, slug="metropolis-1927", ids=film.ids())
    scrobbler = sync.Scrobbler(seen, 0, "1.0", "2026-01-01")
    await asked(scrobbler.start)
    clock.advance(1)
    await asked(scrobbler.pause, 40.0)
    assert [(one.data["ids"]["imdb"], one.progress) for one in await asked(sync.get_playback)] == [
        ("tt0017136", 40.0)
    ]
    clock.advance(1)
    await asked(scrobbler.stop, 81.5)
    assert ([play.action for play in ada.plays], ada.paused) == (["scrobble"], {})
    clock.advance(1)
    with pytest.raises(errors.ConflictException):
        await asked(scrobbler.stop, 82.0)
    clock.advance(1)
    with pytest.raises(errors.ProcessException):
        await asked(scrobbler.stop, 0.5)
    watched = TVEpisode("The Line", 1, number=3, show_id=1, ids=episode.ids(), extended=None)
    clock.advance(1)
    await asked(sync.Scrobbler(watched, 0, "1.0", "2026-01-01").stop, 95.0)
    assert ada.plays[-1].item == episode


@pytest.mark.usefixtures("signed_in")
async def test_pytrakt_is_told_each_refusal(trakt: FakeTrakt, ada: Person, clock: ManualClock) -> None:
    ada.vip, ada.watchlist_limit = False, 0
    trakt.titles.movie("Metropolis", 1927, imdb="tt0017136")
    wanted = {"movies": [{"ids": {"imdb": "tt0017136"}}]}
    with pytest.raises(errors.AccountLimitExceeded) as limit:
        await asked(sync.add_to_watchlist, wanted)
    assert limit.value.account_limit == "0"
    with pytest.raises(errors.RateLimitException) as often:
        await asked(sync.add_to_watchlist, wanted)
    assert (often.value.retry_after, often.value.details["name"]) == (1, "AUTHED_API_POST_LIMIT")
    trakt.fail(429)
    with pytest.raises(errors.RateLimitException) as edge:
        await asked(sync.get_watchlist)
    assert edge.value.details is None
    trakt.signing.removed.add("client-1")
    with pytest.raises(errors.ForbiddenException):
        await asked(sync.get_watchlist)
    trakt.signing.removed.clear()
    ada.locked = "locked"
    with pytest.raises(errors.LockedUserAccountException):
        await asked(sync.get_watchlist)
    ada.locked = ""
    clock.advance(trakt.signing.lives_s)
    with pytest.raises(errors.OAuthException):
        await asked(sync.get_watchlist)


class Asking:
    def __init__(self, session: aiohttp.ClientSession, trakt: FakeTrakt, token: str) -> None:  # noqa: TID251
        self._session = session
        self._url = trakt.url
        self._headers = {
            "trakt-api-key": "client-1",
            "trakt-api-version": "2",
            "Authorization": f"Bearer {token}",
        }

    async def get(self, path: str) -> tuple[int, dict[str, str], Any]:
        async with self._session.get(f"{self._url}{path}", headers=self._headers) as answer:
            body = await answer.json() if answer.status == 200 else None
            return answer.status, dict(answer.headers), body


@pytest.fixture
async def asking(trakt: FakeTrakt, ada: Person) -> AsyncIterator[Asking]:
    async with aiohttp.ClientSession() as session:  # noqa: TID251  whoever asks Trakt has no client of ours
        yield Asking(session, trakt, trakt.sign_in(ada).access)


async def test_a_limit_too_large_is_cut_without_a_word(trakt: FakeTrakt, ada: Person, asking: Asking) -> None:
    for number in range(300):
        ada.watch(trakt.titles.show(f"Show {number}", seasons={1: 1})[1, 1], LATER_MS)
    for path, cut in (
        ("/sync/watched/shows?limit=1000", 250),
        ("/sync/watched/shows?limit=1000&extended=progress", 100),
        ("/sync/watched/shows", 100),
        ("/sync/history", 10),
    ):
        _, headers, items = await asking.get(path)
        assert (len(items), headers["X-Pagination-Limit"]) == (cut, str(cut))
        assert headers["X-Pagination-Item-Count"] == "300"
    _, _, plain = await asking.get("/sync/watched/shows?limit=1")
    _, _, progress = await asking.get("/sync/watched/shows?limit=1&extended=progress")
    assert "seasons" not in plain[0]
    assert progress[0]["seasons"][0]["episodes"][0]["plays"] == 1


async def test_every_change_moves_the_activities_and_so_does_each_removal(
    trakt: FakeTrakt, ada: Person, asking: Asking
) -> None:
    film, show = trakt.titles.movie("Metropolis"), trakt.titles.show("The Line")
    before = ada.activities()
    for change, group, name in (
        (lambda: ada.watch(film), "movies", "watched_at"),
        (lambda: ada.unwatch(film), "movies", "watched_at"),
        (lambda: ada.watch(show[1, 1]), "episodes", "watched_at"),
        (lambda: ada.reset(show), "episodes", "watched_at"),
        (lambda: ada.list_(show), "watchlist", "updated_at"),
        (lambda: ada.unlist(show), "shows", "watchlisted_at"),
        (lambda: ada.pause(film, 10), "movies", "paused_at"),
        (lambda: ada.unpause(film), "movies", "paused_at"),
    ):
        change()
        _, _, after = await asking.get("/sync/last_activities")
        assert after[group][name] > before[group][name]
        assert after["all"] == after[group][name]
        before = after


async def test_the_five_hundred_and_first_question_in_five_minutes_is_refused(
    trakt: FakeTrakt, asking: Asking, clock: ManualClock
) -> None:
    trakt.limits.reads = 3
    statuses = [(await asking.get("/sync/last_activities"))[0] for _ in range(3)]
    clock.advance(100)
    status, headers, _ = await asking.get("/sync/last_activities")
    assert (statuses, status, headers["Retry-After"]) == ([200] * 3, 429, "200")
    clock.advance(200)
    assert (await asking.get("/sync/last_activities"))[0] == 200


async def test_what_never_answers_may_have_done_it(trakt: FakeTrakt, ada: Person, asking: Asking) -> None:
    fault = trakt.fail(-1, on="GET /sync/history", acted=True)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await asking.get("/sync/history")
    assert (fault.shown, trakt.limits.most_read) == (1, 1)
    assert (await asking.get("/sync/history"))[0] == 200

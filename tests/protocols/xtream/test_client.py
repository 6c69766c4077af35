"""The client against a panel over real HTTP."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from datetime import UTC
from typing import Any

import pytest
from aiohttp import web

from libs.common.clock import SystemClock
from libs.common.http import (
    BadEncoding,
    BlockedAddress,
    BodyTooLarge,
    ConnectionReset,
    Fetcher,
    FetchError,
    Guard,
    TimedOut,
    make_session,
)
from libs.common.serve import start_site
from libs.protocols.xtream.addresses import Credentials, Kind, XtreamAddress
from libs.protocols.xtream.client import XtreamClient, XtreamLimits
from libs.protocols.xtream.errors import (
    AccountExpired,
    Blocked,
    CredentialsRefused,
    CutShort,
    EmptyAnswer,
    NotAPanel,
    NothingThere,
    PanelDown,
    TooManyRequests,
    XtreamError,
)
from libs.protocols.xtream.tally import Tally

NAME, PASSWORD = "some/one", "se cret+"
FILMS = [{"num": number, "name": f"Film {number}", "stream_id": number} for number in range(1, 2001)]
ACCOUNT = {"user_info": {"auth": 1, "status": "Active"}, "server_info": {"timezone": "Europe/London"}}


class Panel:
    """Answers an action (or a script's name) with what `answers` has for it, the others with `[]`."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"player_api.php": ACCOUNT}
        self.status = 200
        self.headers: dict[str, str] = {}
        self.packs = False
        self.asked: list[web.Request] = []
        self.held = asyncio.Event()
        self.breaks_after: int | None = None
        self.stalls = False
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request)
        script = request.path.rpartition("/")[2]
        told = self.answers.get(request.query.get("action") or script, [])
        body = told if isinstance(told, bytes) else json.dumps(told).encode()
        headers = dict(self.headers)
        if self.packs:
            body = gzip.compress(body)
            headers["Content-Encoding"] = "gzip"
        response = web.StreamResponse(status=self.status, headers=headers)
        await response.prepare(request)
        await response.write(body[: self.breaks_after])
        if self.stalls:
            await self.held.wait()
        if self.breaks_after is not None and request.transport is not None:
            request.transport.abort()
        return response


@pytest.fixture
async def panel() -> AsyncIterator[Panel]:
    panel = Panel()
    app = web.Application()
    app.router.add_get("/{path:.*}", panel.answer)
    running = await start_site(app, "127.0.0.1:0", shutdown_s=0.1)
    panel.url = f"http://127.0.0.1:{running.port}"
    try:
        yield panel
    finally:
        panel.held.set()
        await running.aclose()


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    guard = Guard(allow_private=True)
    async with make_session(guard=guard) as session:
        yield Fetcher(session, guard, SystemClock())


def client_of(fetcher: Fetcher, url: str, **options: Any) -> XtreamClient:
    return XtreamClient(fetcher, SystemClock(), XtreamAddress(url, Credentials(NAME, PASSWORD)), **options)


@pytest.fixture
def client(fetcher: Fetcher, panel: Panel) -> XtreamClient:
    return client_of(fetcher, panel.url)


async def films_of(client: XtreamClient) -> list[int]:
    return [film.id async for batch in client.items("movie") for film in batch]


async def guide_of(client: XtreamClient) -> bytes:
    return b"".join([piece async for piece in client.guide()])


async def test_the_account_is_asked_for_with_the_credentials(client: XtreamClient, panel: Panel) -> None:
    account = await client.account()
    assert (account.status, account.clock.zone) == ("active", "Europe/London")
    assert dict(panel.asked[0].query) == {"username": NAME, "password": PASSWORD}
    assert panel.asked[0].path == "/player_api.php"


@pytest.mark.parametrize(
    ("kind", "action"),
    [("live", "get_live_categories"), ("movie", "get_vod_categories"), ("series", "get_series_categories")],
)
async def test_categories_of_a_kind(client: XtreamClient, panel: Panel, kind: Kind, action: str) -> None:
    panel.answers[action] = [
        {"category_id": "2", "category_name": "B"},
        {"category_id": 1, "category_name": 2018},
    ]
    assert [(found.id, found.name) for found in await client.categories(kind)] == [("2", "B"), ("1", "2018")]


async def test_no_categories_are_no_error(client: XtreamClient) -> None:
    assert await client.categories("series") == ()


async def test_a_list_comes_in_batches_and_is_counted(client: XtreamClient, panel: Panel) -> None:
    panel.answers["get_vod_streams"] = [*FILMS, {"name": "No number"}]
    items = client.items("movie")
    batches = [batch async for batch in items]
    assert [film.id for batch in batches for film in batch] == list(range(1, 2001))
    assert len(batches) > 1
    assert items.tally == Tally(seen=2001, kept=2000, skipped={"no_id": 1})


async def test_each_kind_has_its_list(client: XtreamClient, panel: Panel) -> None:
    panel.answers["get_live_streams"] = [{"stream_id": 1, "stream_type": "radio_streams"}]
    panel.answers["get_series"] = [{"series_id": "2"}]
    assert [row.is_radio async for batch in client.items("live") for row in batch] == [True]
    assert [row.id async for batch in client.items("series") for row in batch] == [2]


async def test_packed_lists_are_unpacked(client: XtreamClient, panel: Panel) -> None:
    panel.answers["get_vod_streams"], panel.packs = FILMS, True
    assert len(await films_of(client)) == 2000
    assert "gzip" in panel.asked[0].headers["Accept-Encoding"]


async def test_a_packing_that_is_none_is_a_fetch_error(client: XtreamClient, panel: Panel) -> None:
    panel.headers["Content-Encoding"] = "gzip"
    with pytest.raises(BadEncoding):
        await films_of(client)


async def test_rows_before_a_broken_connection_count(client: XtreamClient, panel: Panel) -> None:
    panel.answers["get_vod_streams"], panel.breaks_after = FILMS, 100_000
    items, found = client.items("movie"), 0

    async def read() -> None:
        nonlocal found
        async for batch in items:
            found += len(batch)

    with pytest.raises(ConnectionReset):
        await read()
    assert found == items.tally.kept > 0


async def test_rows_before_a_cut_count(client: XtreamClient, panel: Panel) -> None:
    panel.answers["get_vod_streams"] = json.dumps(FILMS).encode()[:-100]
    items = client.items("movie")
    with pytest.raises(CutShort):
        _ = [batch async for batch in items]
    assert items.tally.kept == 1998


async def test_a_list_that_stops_coming_is_given_up(fetcher: Fetcher, panel: Panel) -> None:
    panel.answers["get_vod_streams"], panel.stalls = FILMS, True
    with pytest.raises(TimedOut):
        await films_of(client_of(fetcher, panel.url, limits=XtreamLimits(stall_s=0.2)))


async def test_a_list_may_be_left_in_the_middle(client: XtreamClient, panel: Panel) -> None:
    panel.answers["get_vod_streams"], panel.stalls = [*FILMS] * 3, True
    async for batch in client.items("movie"):
        assert batch
        break


@pytest.mark.parametrize("packs", [False, True])
async def test_lists_and_answers_are_bounded(fetcher: Fetcher, panel: Panel, packs: bool) -> None:
    panel.answers["get_vod_streams"], panel.packs = FILMS, packs
    panel.answers["get_vod_info"] = FILMS
    client = client_of(fetcher, panel.url, limits=XtreamLimits(list_bytes=50_000, answer_bytes=50_000))
    with pytest.raises(BodyTooLarge):
        await films_of(client)
    with pytest.raises(BodyTooLarge):
        await client.movie(1)


async def test_details(client: XtreamClient, panel: Panel) -> None:
    panel.answers["get_vod_info"] = {"info": {"name": "A"}, "movie_data": {"stream_id": 5}}
    panel.answers["get_series_info"] = {"info": {"name": "B"}, "episodes": {"0": [{"id": "9"}]}}
    assert (await client.movie(5)).title.name == "A"
    assert [found.season for found in (await client.series(6)).episodes] == [0]
    assert [request.query.get("vod_id") or request.query["series_id"] for request in panel.asked] == [
        "5",
        "6",
    ]


@pytest.mark.parametrize("status", [200, 404])
async def test_details_that_are_not_there(client: XtreamClient, panel: Panel, status: int) -> None:
    panel.status = status
    with pytest.raises(NothingThere):
        await client.movie(5)
    with pytest.raises(NothingThere):
        await client.series(5)


async def test_a_short_guide(client: XtreamClient, panel: Panel) -> None:
    panel.answers["get_short_epg"] = {
        "epg_listings": [{"title": "TmV3cw==", "start_timestamp": "1767322800"}]
    }
    listing = await client.short_guide(7, UTC, limit=2)
    assert [programme.title for programme in listing.programmes] == ["News"]
    assert (panel.asked[0].query["stream_id"], panel.asked[0].query["limit"]) == ("7", "2")


@pytest.mark.parametrize(
    "document", [b"<?xml version='1.0'?><tv/>", b"\xef\xbb\xbf \n<tv></tv>", b"<tv/>" * 50_000]
)
@pytest.mark.parametrize("packs", [False, True])
async def test_the_guide_comes_as_it_is(
    client: XtreamClient, panel: Panel, document: bytes, packs: bool
) -> None:
    panel.answers["xmltv.php"], panel.packs = document, packs
    assert await guide_of(client) == document


async def test_a_guide_packed_without_saying_so_stays_packed(client: XtreamClient, panel: Panel) -> None:
    panel.answers["xmltv.php"] = gzip.compress(b"<tv/>")
    assert gzip.decompress(await guide_of(client)) == b"<tv/>"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", EmptyAnswer),
        (b"<html><body>Maintenance</body></html>", NotAPanel),
        (b"<!doctype html>" + b"x" * 1000, NotAPanel),
        (b"Blocked", Blocked),
        (b'{"user_info":{"auth":0}}', CredentialsRefused),
        (b'{"user_info":{"auth":0,"status":"Expired"}}', AccountExpired),
    ],
)
async def test_whatever_is_asked_a_refusal_has_its_name(
    client: XtreamClient, panel: Panel, body: bytes, error: type[XtreamError]
) -> None:
    panel.answers = dict.fromkeys(
        (
            "player_api.php",
            "xmltv.php",
            "get_vod_streams",
            "get_live_categories",
            "get_vod_info",
            "get_short_epg",
        ),
        body,
    )
    for asking in (
        client.account(),
        client.categories("live"),
        films_of(client),
        client.movie(1),
        client.short_guide(1, UTC),
        guide_of(client),
    ):
        with pytest.raises(XtreamError) as refused:
            await asking
        assert type(refused.value) is error


@pytest.mark.parametrize(
    ("status", "error"),
    [(401, CredentialsRefused), (403, Blocked), (429, TooManyRequests), (500, PanelDown), (503, PanelDown)],
)
@pytest.mark.parametrize("packs", [False, True])
async def test_every_status_has_its_error(
    client: XtreamClient, panel: Panel, status: int, error: type[XtreamError], packs: bool
) -> None:
    panel.status, panel.headers["Retry-After"], panel.packs = status, "7", packs
    for asking in (client.account(), films_of(client), guide_of(client), client.series(1)):
        with pytest.raises(XtreamError) as refused:
            await asking
        assert type(refused.value) is error
        assert refused.value.retry_after_s == (7 if status in (429, 500, 503) else None)


async def test_a_refusal_of_a_list_is_read_for_its_words(client: XtreamClient, panel: Panel) -> None:
    panel.status, panel.answers["get_vod_streams"] = 401, {"user_info": {"auth": 0, "status": "Expired"}}
    with pytest.raises(AccountExpired):
        await films_of(client)


async def test_a_panel_below_a_path(fetcher: Fetcher, panel: Panel) -> None:
    await client_of(fetcher, f"{panel.url}/portal/a").account()
    assert panel.asked[0].path == "/portal/a/player_api.php"


async def test_a_hub_and_its_player_are_named(fetcher: Fetcher, panel: Panel) -> None:
    client = client_of(fetcher, panel.url, user_agent="Player/1.0", hop_name="headgate-0123456789abcdef")
    await client.account()
    await films_of(client)
    for request in panel.asked:
        assert request.headers["User-Agent"] == "Player/1.0"
        assert request.headers["CDN-Loop"] == "headgate-0123456789abcdef"


async def test_a_hub_that_refuses_its_own_question_is_an_address_to_refuse(
    client: XtreamClient, panel: Panel
) -> None:
    panel.status = 508
    panel.answers["player_api.php"] = panel.answers["get_vod_streams"] = {"code": "loop_detected"}
    for asking in (client.account(), films_of(client)):
        with pytest.raises(BlockedAddress, match="in circles"):
            await asking


async def test_no_error_names_the_credentials(fetcher: Fetcher, panel: Panel) -> None:
    client = client_of(fetcher, panel.url)
    panel.status = 500
    errors: list[Exception] = []
    for asking in (client.account(), films_of(client)):
        with pytest.raises(XtreamError) as failed:
            await asking
        errors.append(failed.value)
    panel.breaks_after = 0
    with pytest.raises(FetchError) as broken:
        await films_of(client_of(fetcher, "http://127.0.0.1:1"))
    for error in (*errors, broken.value):
        assert "cret" not in f"{error!r} {error.__context__!r}"
        assert "some" not in f"{error!r} {error.__context__!r}"

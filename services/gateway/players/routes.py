"""Xtream, M3U and XMLTV on the wire: signed in by what an address or a form holds, answered by catalog."""

from collections.abc import Awaitable, Callable, Mapping
from contextlib import nullcontext
from typing import Final

import aiohttp
from aiohttp import web

from libs.common.contracts.players import Player, PlayerAnswer
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, NotFound
from libs.common.identity import Identity
from libs.common.media import MediaKind, Proof, Wish
from libs.common.web import CLOCK, Endpoint, json_response, problem_response, read_body, request_id_of
from services.gateway.abuse.watch import note_guess
from services.gateway.address import base_url
from services.gateway.errors import UnknownPlayerLogin
from services.gateway.keys import LISTS_AT_ONCE, PLAYERS, STREAMING
from services.gateway.media import media_location
from services.gateway.model import NO_STORE, choose_coding
from services.gateway.players import addresses
from services.gateway.players.addresses import Login, file_of, login_in, parameters, past_of
from services.gateway.players.logins import FOR_PLAYERS, signed_in
from services.gateway.proxy import headers_back, stream_back

LASTS_S: Final = 600.0
"""A library may be a hundred megabytes, and a television's network slow."""
PLAYING_WITHIN_S: Final = 1.0
MAX_FORM_BYTES: Final = 16 * 1024
REFUSED: Final = {"user_info": {"auth": 0}}
"""With the status 200, as panels do: apps take other statuses for a broken hub, not for a wrong password."""

ACTIONS: Final[Mapping[str, PlayerAnswer]] = {
    "get_live_categories": "live_categories",
    "get_vod_categories": "vod_categories",
    "get_series_categories": "series_categories",
    "get_live_streams": "live_streams",
    "get_vod_streams": "vod_streams",
    "get_series": "series",
    "get_vod_info": "vod_info",
    "get_series_info": "series_info",
    "get_short_epg": "short_epg",
    "get_simple_data_table": "data_table",
}
"""Whatever else is asked is the account."""
WHOLE: Final = frozenset({"live_streams", "vod_streams", "series", "playlist", "guide"})
"""Answers as large as a library."""
ID_NAMES: Final = ("stream_id", "vod_id", "series_id")
PARTS: Final[Mapping[str, str]] = {
    "live": "live",
    "movie": "movie",
    "movies": "movie",
    "vod": "movie",
    "series": "series",
}

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _as_problem(handler: Answer) -> Answer:
    """Players are programs: their errors are no pages, whatever they say to accept."""

    async def answer(request: web.Request) -> web.StreamResponse:
        request[FOR_PLAYERS] = True
        try:
            return await handler(request)
        except HeadgateError as error:
            return problem_response(error, request_id_of(request))

    return answer


async def api(request: web.Request) -> web.StreamResponse:
    asked = await _asked(request)
    login = login_in(asked)
    try:
        identity = await signed_in(request, login)
    except UnknownPlayerLogin:
        note_guess(request)
        return json_response(REFUSED, headers=NO_STORE)
    what: PlayerAnswer = "account"
    if request.path == addresses.API:
        what = ACTIONS.get(asked.get("action", ""), what)
    if what == "account":
        query = {"playing": str(await _playing(request, identity))}
    else:
        query = {
            "category": _number(asked.get("category_id", "")),
            "id": next((_number(asked[name]) for name in ID_NAMES if name in asked), "0"),
            "limit": _number(asked.get("limit", "")),
        }
    return await _from_catalog(request, identity, login, what, query)


async def _playing(request: web.Request, identity: Identity) -> int:
    """Connections that the profile holds; none while streaming can't tell: nobody is kept from signing in."""
    deadline = Deadline.after(request.app[CLOCK], PLAYING_WITHIN_S)
    try:
        return await request.app[STREAMING].playing(identity, deadline=deadline)
    except HeadgateError:
        return 0


async def playlist(request: web.Request) -> web.StreamResponse:
    asked = await _asked(request)
    login = login_in(asked)
    identity = await signed_in(request, login)
    keys = {PARTS[key] for key in asked.get("key", "").lower().split(",") if key in PARTS}
    query = {
        "output": "ts" if asked.get("output", "ts") in {"ts", "mpegts", ""} else "m3u8",
        "plain": "true" if asked.get("type", "") == "m3u" else "false",
    }
    if keys:
        query["parts"] = ",".join(sorted(keys))
    return await _from_catalog(request, identity, login, "playlist", query, name="headgate.m3u")


async def guide(request: web.Request) -> web.StreamResponse:
    login = login_in(await _asked(request))
    return await _from_catalog(request, await signed_in(request, login), login, "guide", {})


async def stream(request: web.Request) -> web.StreamResponse:
    return await _play(request, addresses.KINDS[request.path.split("/", 2)[1]])


async def short_stream(request: web.Request) -> web.StreamResponse:
    return await _play(request, "live")


async def catch_up(request: web.Request) -> web.StreamResponse:
    info = request.match_info
    return await _replay(
        request,
        Login.of(info["username"], info["password"]),
        file=info["file"],
        start=info["start"],
        duration=info["minutes"],
        by_query=False,
    )


async def catch_up_by_query(request: web.Request) -> web.StreamResponse:
    asked = await _asked(request)
    return await _replay(
        request,
        login_in(asked),
        file=asked.get("stream", ""),
        start=asked.get("start", ""),
        duration=asked.get("duration", ""),
        by_query=True,
    )


async def _asked(request: web.Request) -> dict[str, str]:
    """Some apps send what others put into the query as a form."""
    asked = parameters(request.raw_path.partition("?")[2])
    if request.method == "POST":
        body = await read_body(request, max_bytes=MAX_FORM_BYTES)
        asked = {**asked, **parameters(body.decode(errors="replace"))}
    return asked


async def _play(request: web.Request, kind: MediaKind) -> web.StreamResponse:
    info = request.match_info
    login = Login.of(info["username"], info["password"])
    identity = await signed_in(request, login)
    file = file_of(info["file"])
    if file is None:
        raise NotFound("This is not the address of anything to play.")
    number, extension = file
    wish = Wish(identity.account_id, identity.profile_id, kind, number)
    return media_location(request, wish, _proof(login), extension or "ts")


async def _replay(
    request: web.Request, login: Login, *, file: str, start: str, duration: str, by_query: bool
) -> web.StreamResponse:
    identity = await signed_in(request, login)
    found, past = file_of(file), past_of(start, duration, by_query=by_query)
    if found is None or past is None:
        raise NotFound("Catch-up wants a channel, a start and a duration.")
    number, extension = found
    wish = Wish(identity.account_id, identity.profile_id, "live", number, past.start, past.duration_s)
    return media_location(request, wish, _proof(login), extension or "ts")


async def _from_catalog(
    request: web.Request,
    identity: Identity,
    login: Login,
    what: PlayerAnswer,
    query: Mapping[str, str],
    *,
    name: str = "",
) -> web.StreamResponse:
    coding = choose_coding(request.headers.get("Accept-Encoding", ""), ("gzip",))
    headers = {"Accept-Encoding": coding}
    if "If-None-Match" in request.headers:
        headers["If-None-Match"] = request.headers["If-None-Match"]
    whole = request.app[LISTS_AT_ONCE].one_more(identity.account_id) if what in WHOLE else nullcontext()
    with whole:
        async with request.app[PLAYERS].open(
            what,
            query,
            Player(base_url(request), login.username, login.password),
            identity=identity,
            headers=headers,
            deadline=Deadline.after(request.app[CLOCK], LASTS_S),
        ) as answer:
            return await _back(request, answer, name)


async def _back(request: web.Request, answer: aiohttp.ClientResponse, name: str) -> web.StreamResponse:
    headers = headers_back(answer.headers)
    headers["Vary"] = "Accept-Encoding"
    if name:
        headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if request.method == "HEAD" or answer.status == 304:
        return web.Response(status=answer.status, headers=headers)
    return await stream_back(request, answer, headers)


def _proof(login: Login) -> Proof:
    return Proof("player-logins", login.proof)


def _number(text: str) -> str:
    """A number that catalog reads; whatever else was sent is none."""
    return text if text.isascii() and text.isdecimal() and len(text) <= 10 else "0"


def _endpoint(method: str, path: str, handler: Answer, summary: str) -> Endpoint:
    return Endpoint(
        method=method,
        path=path,
        handler=_as_problem(handler),
        summary=summary,
        access="public",
        documented=False,
    )


def endpoints() -> tuple[Endpoint, ...]:
    """To be added last: addresses of the hub's own go first."""
    streams = ("GET", "{username}/{password}/{file}")
    return (
        *(
            _endpoint(method, path, handler, summary)
            for method in ("GET", "POST")
            for path, handler, summary in (
                (addresses.API, api, "The Xtream API that IPTV apps ask"),
                (addresses.PANEL, api, "The account, for older IPTV apps"),
                (addresses.PLAYLIST, playlist, "The library as an M3U list"),
                (addresses.GUIDE, guide, "The guide as XMLTV"),
            )
        ),
        *(
            _endpoint(streams[0], f"/{kind}/{streams[1]}", stream, "What IPTV apps play")
            for kind in addresses.KINDS
        ),
        _endpoint(
            "GET",
            "/timeshift/{username}/{password}/{minutes}/{start}/{file}",
            catch_up,
            "What was on a channel",
        ),
        _endpoint("GET", addresses.CATCH_UP, catch_up_by_query, "What was on a channel"),
        _endpoint("GET", addresses.SHORT_PATH, short_stream, "A channel, in the form that old lists have"),
    )

"""Media: addresses that players are given lead to signed paths, which streaming answers.

In a cluster nginx sends those paths to streaming itself; a hub of one process passes them on here.
"""

import asyncio
import re
from typing import Final, get_args

import aiohttp
import structlog
from aiohttp import web
from multidict import CIMultiDict

from libs.common.contracts.client import FOR_ANYBODY
from libs.common.deadline import Deadline
from libs.common.errors import NotFound
from libs.common.identity import Identity
from libs.common.media import PAUSED_S, PREFIX, MediaKind, Proof, Wish
from libs.common.web import CLOCK, Endpoint, identity_of, while_listening
from services.gateway.address import client_address
from services.gateway.admit import caller_proof
from services.gateway.keys import BEGUN, FACE, MEDIA_PATHS, SERVICES
from services.gateway.limits.edge import meet_installed
from services.gateway.model import FACE_PREFIX, NO_STORE, PLAY_PREFIX, split_face_path
from services.gateway.proxy import headers_back

log = structlog.get_logger(__name__)

KINDS: Final[dict[str, MediaKind]] = {kind: kind for kind in get_args(MediaKind)}
PASSED_IN: Final = ("If-Range", "Range", "User-Agent")
LASTS_S: Final = 6 * 3600.0
"""Longer than anything that is watched in one go; whoever listens ends it before."""
_FILE = re.compile(r"([0-9]{1,16})(?:\.([A-Za-z0-9]{1,5}))?")
MOST_OF_LIBRARY: Final = 10**10
"""Of the numbers of its items; files have larger ones."""


def media_location(request: web.Request, wish: Wish, proof: Proof, extension: str = "") -> web.Response:
    """Sends the player to where it gets that, for as long as `proof` holds.

    Below the address that it has just used, whichever that is: only the path is told.
    """
    path = request.app[MEDIA_PATHS].path(wish, proof, extension.lower())
    return web.Response(status=302, headers={"Location": path, **NO_STORE})


async def play_installed(request: web.Request) -> web.Response:
    """The address that an addon's answer gives to a player."""
    identity = await request.app[FACE].identity_of(request)
    await meet_installed(request, identity, is_search=False)
    token, _ = split_face_path(request.raw_path)
    found = _to_file(request, identity, Proof("install-tokens", token))
    if "video" in request.match_info:
        request.app[BEGUN].tell(identity, request.match_info["type"], request.match_info["video"])
    return found


async def play(request: web.Request) -> web.Response:
    identity = identity_of(request)
    return _to_file(request, identity, caller_proof(request, identity))


def _to_file(request: web.Request, identity: Identity, proof: Proof) -> web.Response:
    kind = KINDS.get(request.match_info["kind"])
    found = _FILE.fullmatch(request.match_info["file"])
    if kind is None or found is None or (kind != "local" and int(found[1]) >= MOST_OF_LIBRARY):
        raise NotFound("This is not the address of anything to play.")
    wish = Wish(identity.account_id, identity.profile_id, kind, int(found[1]))
    return media_location(request, wish, proof, found[2] or "")


async def pass_on(request: web.Request) -> web.StreamResponse:
    streaming = request.app[SERVICES]["streaming"]
    headers = {name: request.headers[name] for name in PASSED_IN if name in request.headers}
    headers["X-Forwarded-For"] = client_address(request)
    async with (
        while_listening(request),
        streaming.open(
            request.method,
            request.raw_path,
            identity=FOR_ANYBODY,
            deadline=Deadline.after(request.app[CLOCK], LASTS_S),
            headers=headers,
            waits=False,
        ) as answer,
    ):
        return await _back(request, answer)


async def _back(request: web.Request, answer: aiohttp.ClientResponse) -> web.StreamResponse:
    headers: CIMultiDict[str] = headers_back(answer.headers)
    del headers["Vary"]
    response = web.StreamResponse(status=answer.status, headers=headers)
    if answer.content_length is not None:
        response.content_length = answer.content_length
    await response.prepare(request)
    if request.method != "HEAD":
        try:
            async for piece in answer.content.iter_any():
                async with asyncio.timeout(PAUSED_S):
                    await response.write(piece)
        except (aiohttp.ClientError, TimeoutError) as error:
            log.info("media_cut", reason=type(error).__name__)
            if request.transport is not None:
                request.transport.abort()
            return response
        except ConnectionError:
            return response  # a player that jumps leaves, and asks again from elsewhere
    await response.write_eof()
    return response


def endpoints() -> tuple[Endpoint, ...]:
    return (
        *(
            Endpoint(
                method=method,
                path=PREFIX + path,
                handler=pass_on,
                summary="Films, episodes and channels by signed paths",
                access="public",
                documented=False,
                lasts=method == "GET",
            )
            for path in ("{signed}/{file}", "hls/{signed}/{file}")
            for method in ("GET", "OPTIONS")
        ),
        *(
            Endpoint(
                method="GET",
                path=FACE_PREFIX + path,
                handler=play_installed,
                summary="What addon answers give players to play",
                access="public",
                documented=False,
            )
            for path in ("{token}/play/{kind}/{file}", "{token}/play/{type}/{video}/{kind}/{file}")
        ),
        Endpoint(
            method="GET",
            path=PLAY_PREFIX + "{kind}/{file}",
            handler=play,
            summary="Play a film, an episode or a channel",
            access="account",
            documented=False,
        ),
    )

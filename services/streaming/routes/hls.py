"""Films as HLS on the wire: playlists, segments made when they are asked for, and direct links passed on."""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

from libs.common.errors import HeadgateError
from libs.common.media import MediaPathUnknown
from libs.common.web import Endpoint, deadline_of, while_listening
from services.streaming.hls import m3u8
from services.streaming.hls.film import Film
from services.streaming.hls.graph import Hls
from services.streaming.hls.origins import named_by
from services.streaming.hls.runs import Track
from services.streaming.hls.stage import Stage
from services.streaming.hls.texts import Text
from services.streaming.hls.tickets import (
    MASTER,
    PART,
    PREFIX,
    WHOLE,
    Asked,
    Link,
    Opened,
    Ticket,
    asked_of,
)
from services.streaming.keys import CROWD, FIGURES, HLS, STANDING
from services.streaming.media.figures import Kind
from services.streaming.media.playlists import CONTENT_TYPE as PLAYLIST
from services.streaming.media.playlists import extension_of, is_playlist
from services.streaming.routes.file import part_of
from services.streaming.routes.media import FIRST_BYTE, OPEN, pass_on, preflight, send_playlist

PICTURE: Final = "video/mp4"
SOUND: Final = "audio/mp4"
TEXT: Final = "text/vtt"


async def play(request: web.Request) -> web.StreamResponse:
    opened = request.app[HLS].tickets.read(request.match_info["signed"])
    ticket, file = opened.ticket, request.match_info["file"]
    kind: Kind = "hls" if ticket.film is not None else "link"
    with request.app[FIGURES].counted(kind) as answered, request.app[CROWD].joined(ticket.account_id):
        await request.app[STANDING].check(opened, deadline=deadline_of(request))
        async with while_listening(request):
            if ticket.film is None:
                answer = await _passed(request, opened, file)
            else:
                answer = await _made(request, ticket, ticket.film, file)
        answered("played")
        return answer


async def _passed(request: web.Request, opened: Opened, file: str) -> web.StreamResponse:
    """The source's own bytes; of a playlist, with its addresses leading back here."""
    ticket, ending = opened.ticket, extension_of(file)
    origin = ticket.origin
    if not isinstance(origin, Link) or file.partition(".")[0] not in (PART, WHOLE):
        raise MediaPathUnknown("There is no such file of this source.")
    hls = request.app[HLS]

    def path_of(address: str) -> str:
        part = msgspec.structs.replace(ticket, origin=named_by(origin, address))
        return hls.tickets.path(part, opened.proof, _named(address), until=opened.until)

    range_ = FIRST_BYTE if request.method == "HEAD" else request.headers.get("Range", "")
    is_list = ending == "m3u8"
    async with (
        request.app[STANDING].watched(opened),
        hls.origins.open(origin, "" if is_list else range_) as stream,
    ):
        said = stream.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if is_list or is_playlist(said, stream.address):
            return await send_playlist(stream, path_of)
        return await pass_on(request, stream, "link", ending)


def _named(address: str) -> str:
    ending = extension_of(address)
    return f"{PART}.{ending}" if ending else PART


async def _made(request: web.Request, ticket: Ticket, film: Film, file: str) -> web.StreamResponse:
    hls, stage = request.app[HLS], Stage(ticket, film)
    if file == MASTER:
        return _sent(request, stage.master().encode(), PLAYLIST)
    asked = asked_of(file)
    if asked.kind == "s":
        return await _text(request, stage, asked)
    track = await _track(hls, stage, asked)
    name = f"{asked.kind}{asked.track}"
    type_ = PICTURE if asked.kind == "v" else SOUND
    if asked.number is None and asked.ending == "m3u8":
        _prepare(hls, track, ticket)
        return _sent(request, m3u8.media(track.cuts, name).encode(), PLAYLIST)
    if asked.number is None and asked.ending == "mp4":
        return _sent(request, await hls.studio.init(track, ticket.player, ticket.start_s), type_)
    if asked.number is None or asked.ending != "m4s" or asked.number >= len(track.cuts):
        raise MediaPathUnknown("There is no such part of this film.")
    data = await hls.studio.segment(track, asked.number, ticket.player)
    request.app[FIGURES].passed("hls", len(data))
    return _sent(request, data, type_)


async def _track(hls: Hls, stage: Stage, asked: Asked) -> Track:
    if asked.kind == "a":
        return stage.sound(asked.track)
    if stage.needs_cuts(asked.track):
        looked = await hls.probe.look(stage.ticket.origin, stage.ticket.account_id)
        stage = Stage(stage.ticket, stage.film, looked.begins_s)
    return stage.picture(asked.track)


def _prepare(hls: Hls, track: Track, ticket: Ticket) -> None:
    try:
        hls.studio.prepare(track, ticket.player, ticket.start_s)
    except HeadgateError:
        return  # what is asked for next says so


async def _text(request: web.Request, stage: Stage, asked: Asked) -> web.Response:
    hls, cuts = request.app[HLS], stage.text_cuts
    text = Text(
        key=stage.text_key(asked.track),
        origin=stage.ticket.origin,
        stream=stage.subtitle(asked.track).stream,
        account_id=stage.ticket.account_id,
    )
    if asked.number is None and asked.ending == "m3u8":
        body = m3u8.media(cuts, f"s{asked.track}", kind="vtt", init=False).encode()
        return _sent(request, body, PLAYLIST)
    if asked.number is None and asked.ending == "vtt":
        return _sent(request, await hls.texts.whole(text), TEXT)
    if asked.number is None or asked.ending != "vtt" or asked.number >= len(cuts):
        raise MediaPathUnknown("There is no such part of these subtitles.")
    begins_s, ends_s = cuts.begins[asked.number], cuts.end_s(asked.number)
    said = await hls.texts.piece(text, asked.number, begins_s=begins_s, ends_s=ends_s)
    return _sent(request, said, TEXT)


def _sent(request: web.Request, body: bytes, type_: str) -> web.Response:
    headers = {**OPEN, "Content-Type": type_, "Accept-Ranges": "bytes"}
    part = part_of("" if request.method == "HEAD" else request.headers.get("Range", ""), len(body))
    if part is None:
        return web.Response(status=416, headers={**headers, "Content-Range": f"bytes */{len(body)}"})
    if not part.is_asked:
        return web.Response(body=body, headers=headers)
    ends = part.first + part.size_bytes
    headers["Content-Range"] = f"bytes {part.first}-{ends - 1}/{len(body)}"
    return web.Response(status=206, body=body[part.first : ends], headers=headers)


ENDPOINTS = tuple(
    Endpoint(
        method=method,
        path=PREFIX + "{signed}/{file}",
        handler=handler,
        summary="Films as HLS, and direct links, by signed paths",
        access="public",
        documented=False,
        lasts=method == "GET",
    )
    for method, handler in (("GET", play), ("OPTIONS", preflight))
)

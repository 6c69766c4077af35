"""The page itself: facts, sources and the place are asked for together; what takes longer is filled in."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal
from urllib.parse import quote, urlencode

import structlog
from aiohttp import web

from libs.common.contracts.viewing import ProgressView
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, UpstreamTimedOut
from libs.common.identity import Identity
from libs.common.web import deadline_of
from libs.protocols.stremio.ids import split_video_id
from services.gateway.address import base_url
from services.gateway.keys import FRAMES, STREAMING, VIEWING
from services.gateway.pages.parts import lacks_part
from services.gateway.pages.read import title_href, watch_href
from services.gateway.pages.render import POLICY, render_page
from services.gateway.pages.rows import PAGE_WAIT_S
from services.gateway.pages.title import NOT_YET, TITLE_WAIT_S, Told, for_players, tell
from services.gateway.pages.viewing.words import WORTH_RESUMING_S
from services.gateway.pages.watch.episodes import Video
from services.gateway.pages.watch.offers import (
    Offer,
    first_of,
    frame_sources,
    framed,
    read_offer,
    stremio_link,
)
from services.gateway.pages.watch.player import COOKIE, read_player
from services.gateway.pages.words import problem_words

log = structlog.get_logger(__name__)

WATCH_POLICY: Final = f"{POLICY}; media-src 'self' blob: data:; worker-src 'self'"
"""hls.js plays from `blob:`, and gives each track of subtitles an empty file of `data:` to begin with."""

PLACE_WAIT_S: Final = 1.0
"""Without it the film begins at its beginning, and the page says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address says: the video, the title it is of, and the source or quality that is wished for."""

    type: str
    video_id: str
    title_id: str
    source_id: str
    group: str

    @property
    def wait_href(self) -> str:
        return f"{_path(self.type, self.video_id)}?{self._query()}&wait=1"

    @property
    def fragment(self) -> str:
        return f"{_path(self.type, self.video_id)}/sources?{self._query()}"

    def href_of(self, offer: Offer) -> str:
        """This page, beginning with that source."""
        return watch_href(self.type, self.video_id, self.title_id, source_id=offer.id)

    def file_of(self, offer: Offer) -> str:
        """Where a browser without JavaScript gets the film itself."""
        return f"{_path(self.type, self.video_id)}/file?{urlencode({'source': offer.id})}"

    def _query(self) -> str:
        return urlencode({"title": self.title_id, "source": self.source_id, "group": self.group})


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`first` is what to begin with; `waiting` while some addon may still answer. `has_left_out`: there was
    more, which the profile does not want or which is something else."""

    status: Literal["ready", "empty", "late", "failed"]
    offers: tuple[Offer, ...] = ()
    first: Offer | None = None
    problems: tuple[str, ...] = ()
    problem: str = ""
    waiting: bool = False
    has_left_out: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where the profile stopped. `is_known` is False when nobody could tell."""

    is_known: bool
    position_s: float = 0.0
    duration_s: float = 0.0


async def show_watch(request: web.Request, identity: Identity) -> web.Response:
    """`wait=1` waits for every addon, which is the way without JavaScript."""
    asked = _asked(request)
    soon = deadline_of(request)
    deadline = soon if request.query.get("wait") else soon.sooner(PAGE_WAIT_S)
    told, found, place, origins = await asyncio.gather(
        tell(request, identity, asked.type, asked.title_id, soon.sooner(TITLE_WAIT_S)),
        _find(request, identity, asked, deadline),
        _place(request, identity, asked.video_id),
        _frames(request, identity),
    )
    found = _with_frames(found, origins)
    if request.query.get("wait"):
        found = _settled(found)
    context = {
        "asked": asked,
        "found": found,
        "place": place,
        **_about(asked, told, deadline_of(request).clock.now()),
    }
    policy = f"{WATCH_POLICY}; frame-src {' '.join(origins)}" if origins else WATCH_POLICY
    return render_page(request, "watch/page.html", context, policy=policy)


async def send_sources(request: web.Request, identity: Identity) -> web.Response:
    """The list of sources as a fragment; here there is time to wait."""
    asked = _asked(request)
    found, origins = await asyncio.gather(
        _find(request, identity, asked, deadline_of(request)), _frames(request, identity)
    )
    found = _settled(_with_frames(found, origins))
    return render_page(request, "watch/sources_fragment.html", {"found": found, "asked": asked})


def _asked(request: web.Request) -> Asked:
    video_id, query = request.match_info["video_id"], request.query
    return Asked(
        type=request.match_info["type"],
        video_id=video_id,
        title_id=query.get("title", "") or split_video_id(video_id).title,
        source_id=query.get("source", ""),
        group=query.get("group", ""),
    )


async def _find(request: web.Request, identity: Identity, asked: Asked, deadline: Deadline) -> Found:
    """Whatever goes wrong is a value: the page has something to say then, too."""
    player = read_player(request.cookies.get(COOKIE, ""))
    try:
        page = await request.app[STREAMING].streams(
            identity,
            asked.type,
            asked.video_id,
            deadline=deadline,
            codecs=player.codecs,
            bandwidth_bps=player.bandwidth_bps,
        )
    except UpstreamTimedOut:
        return Found(status="late", waiting=True)
    except HeadgateError as error:
        lacks_part()
        return Found(status="failed", problem=error.detail or error.title)
    in_stremio = stremio_link(asked.type, asked.title_id, asked.video_id)
    offers = tuple(read_offer(stream, in_stremio=in_stremio) for stream in page.items)
    offers = await _with_addresses(request, identity, offers)
    waiting = any(problem.reason == NOT_YET for problem in page.problems)
    status: Literal["ready", "empty", "late"] = "late" if waiting else "empty"
    return Found(
        status="ready" if offers else status,
        offers=offers,
        first=first_of(offers, source_id=asked.source_id, group=asked.group),
        problems=tuple(problem_words(problem) for problem in page.problems),
        waiting=waiting,
        has_left_out=bool(page.dropped),
    )


async def _with_addresses(
    request: web.Request, identity: Identity, offers: tuple[Offer, ...]
) -> tuple[Offer, ...]:
    """What the hub plays itself has an address for players only with the profile's token in it."""
    sources = await for_players(request, identity, tuple(offer.source for offer in offers))
    return tuple(
        replace(offer, source=source, address=offer.address or source.copy or "")
        for offer, source in zip(offers, sources, strict=True)
    )


async def _frames(request: web.Request, identity: Identity) -> tuple[str, ...]:
    """Origins of the sites whose pages may be shown in a frame; none unless the operator has set any."""
    deadline = deadline_of(request).sooner(PLACE_WAIT_S)
    origins = await request.app[FRAMES].origins(identity, deadline=deadline)
    return frame_sources(origin for origin in origins if origin != base_url(request))


def _with_frames(found: Found, origins: tuple[str, ...]) -> Found:
    first = framed(found.first, origins) if found.first else None
    return replace(found, offers=tuple(framed(offer, origins) for offer in found.offers), first=first)


def _settled(found: Found) -> Found:
    """After the whole wait: whoever is late now stays away."""
    if found.status == "late":
        return Found(status="empty", problems=("None of your addons answered in time.",))
    return replace(found, waiting=False)


async def _place(request: web.Request, identity: Identity, video_id: str) -> Place:
    try:
        known = await request.app[VIEWING].progress(
            identity, video_id, deadline=deadline_of(request).sooner(PLACE_WAIT_S)
        )
    except HeadgateError as error:
        log.info("place_not_known", code=error.code)
        return Place(is_known=False)
    return Place(is_known=True, **_resumed(known)) if known is not None else Place(is_known=True)


def _resumed(known: ProgressView) -> dict[str, float]:
    if known.finished or known.position_s < WORTH_RESUMING_S:
        return {}
    return {"position_s": known.position_s, "duration_s": known.duration_s}


def _about(asked: Asked, told: Told, now: datetime) -> dict[str, object]:
    """What the page says of the video, and where it leads."""
    video = Video(asked.video_id, asked.type, told.facts, told.facts.episode(asked.video_id))
    following = video.after(now)
    back = title_href(asked.type, asked.title_id)
    return {
        "video": video,
        "facts": told.facts,
        "problem": told.problem,
        "back": f"{back}?{urlencode({'video': asked.video_id})}" if video.episode else back,
        "following": following,
        "following_href": watch_href(asked.type, following.id, asked.title_id) if following else "",
    }


def _path(type_: str, video_id: str) -> str:
    return f"/watch/{quote(type_, safe='')}/{quote(video_id, safe='')}"

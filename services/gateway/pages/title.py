"""One title: what it is, its episodes, and where to watch it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from aiohttp import web

from libs.common.contracts.streaming import StreamView
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError, NotFound, UpstreamTimedOut
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import stremio_url
from services.gateway.keys import CATALOG, STREAMING
from services.gateway.model import PLAY_PREFIX
from services.gateway.pages.model import Facts, Source, Sources
from services.gateway.pages.one_title import OneTitle, found_by
from services.gateway.pages.parts import lacks_part
from services.gateway.pages.read import (
    read_facts,
    read_left_out,
    read_source,
    title_href,
    unknown_facts,
    watch_href,
)
from services.gateway.pages.render import render_page
from services.gateway.pages.rows import PAGE_WAIT_S
from services.gateway.pages.together import fetch_together
from services.gateway.pages.viewing.buttons import undo_of
from services.gateway.pages.viewing.state import title_state
from services.gateway.pages.watch.player import COOKIE, read_player
from services.gateway.pages.words import problem_words

TITLE_WAIT_S = 6.0
NOT_YET = "addon_timed_out"
"""The reason that says an addon's answer is still on its way."""


@dataclass(frozen=True, slots=True)
class Told:
    """Facts and who told them; `problem` when nobody could.

    `lacking` names who could have told more, `attributions` whose words have to stand beside what they did.
    """

    facts: Facts
    addon_name: str
    problem: str
    lacking: tuple[str, ...] = ()
    attributions: tuple[str, ...] = ()


async def show_title(request: web.Request, identity: Identity) -> web.Response:
    """Facts and sources are asked for together; sources that take longer are filled in by the page.

    `wait=1` waits for them instead, which is the way without JavaScript.
    """
    type_, title_id = request.match_info["type"], request.match_info["id"]
    (told, video, sources), together, viewing = await asyncio.gather(
        _title(request, identity, type_, title_id),
        _elsewhere(request, identity, type_, title_id),
        title_state(request, identity, type_, title_id),
    )
    context = {
        **_context(request, told, video, sources),
        "together": together,
        "viewing": viewing,
        "undo": undo_of(request),
    }
    return render_page(request, "title.html", {**context, "query": together.query if together else ""})


async def _title(
    request: web.Request, identity: Identity, type_: str, title_id: str
) -> tuple[Told, str, Sources | None]:
    """The facts, the video that is meant, and where to watch it."""
    video = request.query.get("video", "") or (title_id if type_ == "movie" else "")
    telling = tell(request, identity, type_, title_id, deadline_of(request).sooner(TITLE_WAIT_S))
    if video:
        told, sources = await asyncio.gather(telling, _look(request, identity, type_, video))
        return told, video, sources
    told = await telling
    video = told.facts.default_video
    return told, video, await _look(request, identity, type_, video) if video else None


async def _elsewhere(request: web.Request, identity: Identity, type_: str, title_id: str) -> OneTitle | None:
    """Where else the title is, for whoever comes from a search or asks: every addon is asked for it."""
    query = request.query.get("q", "").strip()
    if not query:
        return None
    deadline = deadline_of(request)
    if not request.query.get("wait"):
        deadline = deadline.sooner(PAGE_WAIT_S)
    return await fetch_together(request, identity, type_, title_id, query, deadline=deadline)


async def send_sources(request: web.Request, identity: Identity) -> web.Response:
    """The list of sources as a fragment; here there is time to wait."""
    type_, title_id = request.match_info["type"], request.match_info["id"]
    video = request.query.get("video", "") or title_id
    sources = await _find_all(request, identity, type_, video)
    context = {"sources": sources, **_source_addresses(type_, title_id, video)}
    return render_page(request, "parts/streams_fragment.html", context)


async def _look(request: web.Request, identity: Identity, type_: str, video: str) -> Sources:
    if request.query.get("wait"):
        return await _find_all(request, identity, type_, video)
    soon = deadline_of(request).sooner(PAGE_WAIT_S)
    return await _find(request, identity, type_, video, soon)


async def tell(
    request: web.Request, identity: Identity, type_: str, title_id: str, deadline: Deadline
) -> Told:
    try:
        page = await request.app[CATALOG].title(identity, type_, title_id, deadline=deadline)
    except NotFound:
        return Told(unknown_facts(type_, title_id), "", "None of your addons describes this title.")
    except HeadgateError as error:
        lacks_part()
        return Told(unknown_facts(type_, title_id), "", error.detail or error.title)
    lacking = tuple(problem_words(problem) for problem in page.problems)
    return Told(read_facts(page.meta, type_, title_id), page.addon_name, "", lacking, page.attributions)


async def _find(
    request: web.Request, identity: Identity, type_: str, video: str, deadline: Deadline
) -> Sources:
    """Within `deadline`. What an addon has not answered by then can still be had by asking longer."""
    player = read_player(request.cookies.get(COOKIE, ""))
    try:
        page = await request.app[STREAMING].streams(
            identity,
            type_,
            video,
            deadline=deadline,
            codecs=player.codecs,
            bandwidth_bps=player.bandwidth_bps,
        )
    except UpstreamTimedOut:
        return Sources(status="late")
    except HeadgateError as error:
        lacks_part()
        return Sources(status="failed", problem=error.detail or error.title)
    waiting = any(problem.reason == NOT_YET for problem in page.problems)
    if waiting and not page.items:
        return Sources(status="late")
    return Sources(
        status="ready" if page.items else "empty",
        items=await for_players(request, identity, _sources(request, type_, video, page.items)),
        dropped=tuple(map(read_left_out, page.dropped)),
        problems=tuple(problem_words(problem) for problem in page.problems),
        waiting=waiting,
    )


def _sources(request: web.Request, type_: str, video: str, found: Sequence[StreamView]) -> tuple[Source, ...]:
    """What plays in a browser has a page to be played on."""
    title_id = request.match_info["id"]
    return tuple(
        replace(source, watch=watch_href(type_, video, title_id, source_id=stream.id))
        if stream.kind == "url" and source.link
        else source
        for stream in found
        for source in (read_source(stream),)
    )


async def for_players(
    request: web.Request, identity: Identity, sources: tuple[Source, ...]
) -> tuple[Source, ...]:
    """What the hub plays itself opens here for who is signed in; a player is given the profile's address."""
    if not any(_is_played_here(source) for source in sources):
        return sources
    try:
        address = (await stremio_url(request, identity)).removesuffix("manifest.json")
    except HeadgateError:
        return sources
    return tuple(
        replace(source, copy=f"{address}play/{(source.link or '').removeprefix(PLAY_PREFIX)}")
        if _is_played_here(source)
        else source
        for source in sources
    )


def _is_played_here(source: Source) -> bool:
    return (source.link or "").startswith(PLAY_PREFIX)


async def _find_all(request: web.Request, identity: Identity, type_: str, video: str) -> Sources:
    """After the whole wait that streaming allows its addons: whoever is late now stays away."""
    sources = await _find(request, identity, type_, video, deadline_of(request))
    if sources.status == "late":
        return Sources(status="empty", problems=("None of your addons answered in time.",))
    return replace(sources, waiting=False)


def _context(request: web.Request, told: Told, video: str, sources: Sources | None) -> dict[str, object]:
    facts = told.facts
    episode = facts.episode(video) if video else None
    season = _season(request.query.get("season", ""), facts, episode.season if episode else None)
    return {
        "facts": facts,
        "told_by": told.addon_name,
        "problem": told.problem,
        "lacking": told.lacking,
        "attributions": told.attributions,
        "video": video,
        "episode": episode,
        "season": season,
        "episodes": [item for item in facts.episodes if item.season == season],
        "sources": sources,
        "search_href": found_by(title_href(facts.type, facts.id), facts.name) if not told.problem else "",
        **_source_addresses(facts.type, facts.id, video),
    }


def _source_addresses(type_: str, title_id: str, video: str) -> dict[str, object]:
    here = title_href(type_, title_id)
    query = urlencode({"video": video})
    return {
        "here": here,
        "wait_href": f"{here}?{query}&wait=1#sources",
        "fragment": f"{here}/sources?{query}",
    }


def _season(asked: str, facts: Facts, of_episode: int | None) -> int | None:
    if asked.isascii() and asked.isdigit() and int(asked) in facts.seasons:
        return int(asked)
    if of_episode is not None:
        return of_episode
    return facts.seasons[0] if facts.seasons else None

"""IMDb's data sets: their licence, what is here of them, and how the latest import goes or went."""

from typing import Final

from aiohttp import web

from libs.common.contracts.sync import ImdbView, NewJob
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import SYNC
from services.gateway.pages.admin.names import names_of
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_form

HERE: Final = "/admin/ratings"
SET_WORDS: Final = {
    "ratings": "Ratings",
    "episodes": "Rated episodes",
    "titles": "Titles",
    "akas": "Other names of titles",
    "anime_ids": "Ids of anime",
}
KINDS: Final = ("imdb", "anime_ids")
REMARK_WORDS: Final = {
    "rating_out_of_range": "no rating from 1 to 10",
    "malformed": "not readable",
    "unnamed": "no name",
    "repeated": "there twice",
    "id_out_of_range": "an id that is none",
    "number_out_of_range": "a number that is none",
    "unknown_type": "a type unknown to Headgate, kept",
}
STATE_WORDS: Final = {
    "queued": ("unknown", "Waiting"),
    "running": ("slow", "Importing"),
    "succeeded": ("ok", "Up to date"),
    "failed": ("failing", "Failed"),
    "cancelled": ("off", "Cancelled"),
}
"""The state's short name, as styled, and what it says."""


async def show_ratings(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_parts(request: web.Request, identity: Identity) -> web.Response:
    """The changing part of the page, which asks for it again and again."""
    return await _page(request, identity, template="admin/ratings_parts.html")


async def send_agreement(request: web.Request, identity: Identity) -> web.Response:
    """Accept, and begin at once: the schedule would find it some seconds later."""
    await read_form(request)
    sync, deadline = request.app[SYNC], deadline_of(request)
    try:
        await sync.accept_imdb(identity, accepted=True, deadline=deadline)
        for kind in KINDS:
            await sync.start(identity, NewJob(kind=kind), deadline=deadline)
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="import_started")


async def send_withdrawal(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await request.app[SYNC].accept_imdb(identity, accepted=False, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="licence_withdrawn")


async def send_import(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        for kind in KINDS:
            await request.app[SYNC].start(identity, NewJob(kind=kind), deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="import_started")


async def send_cancel(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    sync, job_id = request.app[SYNC], request.match_info["job_id"]
    try:
        await sync.cancel(identity, job_id, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    return go(HERE, said="import_cancelled")


async def _page(
    request: web.Request,
    identity: Identity,
    *,
    template: str = "admin/ratings.html",
    error: HeadgateError | None = None,
) -> web.Response:
    view = await request.app[SYNC].imdb(identity, deadline=deadline_of(request))
    job = view.job
    context = {
        "view": view,
        "job": job,
        "state": STATE_WORDS[job.state] if job is not None else None,
        "is_under_way": job is not None and job.finished_at is None,
        "accepted_by": await _accepted_by(request, identity, view),
        "set_words": SET_WORDS,
        "remark_words": REMARK_WORDS,
        "error": error,
    }
    return render_page(request, template, context, status=error.status if error else 200)


async def _accepted_by(request: web.Request, identity: Identity, view: ImdbView) -> str:
    account_id = view.licence.accepted_by
    if not account_id:
        return ""
    return (await names_of(request, identity)).get(account_id, "somebody who has left")

"""What was exported from another hub: brought, looked at, applied once somebody says so."""

from typing import Final

from aiohttp import web

from libs.common.contracts.imports import SEND_WITHIN_S
from libs.common.contracts.moving import KINDS, MovesClient, MoveView, TakenCounts
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import CLOCK, deadline_of
from services.gateway.keys import SYNC
from services.gateway.pages.connections.uploads import Upload
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_form
from services.gateway.pages.settings.account import HERE as ACCOUNT
from services.gateway.pages.settings.account import account_page
from services.gateway.pages.settings.move_words import KIND_WORDS, STATES

HERE: Final = f"{ACCOUNT}/import"
LOOK_S: Final = 3


async def send_file(request: web.Request, identity: Identity) -> web.Response:
    """Nothing is applied yet: the answer is the page that shows what would come of it."""
    try:
        upload = await Upload.begun(request)
        deadline = Deadline.after(request.app[CLOCK], SEND_WITHIN_S)
        passphrase = upload.fields.get("passphrase", "")
        sent = _client(request).send(identity, upload.pieces(), passphrase, deadline=deadline)
        view = await upload.told(sent)
    except HeadgateError as error:
        return await account_page(request, identity, error=error, error_at="import")
    return go(f"{HERE}/{view.id}")


async def show_move(request: web.Request, identity: Identity) -> web.Response:
    return await _one(request, identity)


async def send_state(request: web.Request, identity: Identity) -> web.Response:
    """What changes by itself while somebody looks."""
    return render_page(request, "settings/move_state.html", _told(await _found(request, identity)))


async def send_apply(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await _client(request).apply(identity, request.match_info["id"], deadline=deadline_of(request))
    except HeadgateError as error:
        return await _one(request, identity, error=error)
    return go(f"{HERE}/{request.match_info['id']}")


async def send_drop(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await _client(request).drop(identity, request.match_info["id"], deadline=deadline_of(request))
    except HeadgateError as error:
        return await _one(request, identity, error=error)
    return go(ACCOUNT, said="import_dropped")


async def _one(
    request: web.Request, identity: Identity, *, error: HeadgateError | None = None
) -> web.Response:
    context = {**_told(await _found(request, identity)), "error": error, "look_s": LOOK_S}
    return render_page(request, "settings/move.html", context, status=error.status if error else 200)


async def _found(request: web.Request, identity: Identity) -> MoveView:
    return await _client(request).get(identity, request.match_info["id"], deadline=deadline_of(request))


def _told(view: MoveView) -> dict[str, object]:
    counts = view.preview if view.result is None or view.state != "applied" else view.result
    return {
        "view": view,
        "state": STATES[view.state][1],
        "changes": view.state == "applying",
        "has_news": any(counts.added for counts in view.preview.values())
        or any(profile.is_new for profile in view.profiles),
        "kinds": [(KIND_WORDS[kind], _words(counts[kind], view)) for kind in KINDS if kind in counts],
        "here": f"{HERE}/{view.id}",
    }


def _words(counts: TakenCounts, view: MoveView) -> str:
    is_done = view.state == "applied"
    said = (
        (counts.added, "added" if is_done else "to be added"),
        (counts.there, "here already"),
        (counts.credentials, "without the address or password, which has to be entered anew"),
        (counts.refused, "could not be taken" if is_done else "can't be taken"),
    )
    return ", ".join(f"{count:,} {words}" for count, words in said if count)


def _client(request: web.Request) -> MovesClient:
    return MovesClient(request.app[SYNC].service)

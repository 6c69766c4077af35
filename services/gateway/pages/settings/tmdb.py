"""An account's key of TMDB, and how a profile is shown what TMDB knows."""

from typing import Final

from aiohttp import web

from libs.common.contracts.tmdb import (
    MAX_KEY_CHARS,
    NewTmdbKey,
    TmdbChoice,
    TmdbSettings,
    TmdbSettingsClient,
)
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.install import account_changed
from services.gateway.keys import CATALOG
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import as_shape, read_form
from services.gateway.pages.settings.languages import languages_with
from services.gateway.pages.shell import SHELL

HERE: Final = "/settings/tmdb"
KEYS_AT: Final = "https://www.themoviedb.org/settings/api"

STATE_WORDS: Final = {
    "off": ("off", "No key"),
    "works": ("ok", "Works"),
    "refused": ("failing", "Key refused"),
    "locked": ("failing", "Key unreadable"),
    "rate_held": ("slow", "Held back"),
    "away": ("failing", "Can't be reached"),
}
"""The state's short name, as styled, and what it says."""

POSTER_WORDS: Final = (
    ("w185", "Small, 185 pixels wide"),
    ("w342", "Medium, 342 pixels wide"),
    ("w500", "Large, 500 pixels wide"),
    ("w780", "Very large, 780 pixels wide"),
    ("original", "As they were handed in"),
)
BACKGROUND_WORDS: Final = (
    ("w300", "Small, 300 pixels wide"),
    ("w780", "Medium, 780 pixels wide"),
    ("w1280", "Large, 1280 pixels wide"),
    ("original", "As they were handed in"),
)
KEY_KINDS: Final = {"api_key": "API key", "read_token": "Read access token"}


async def show_tmdb(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_key(request: web.Request, identity: Identity) -> web.Response:
    """Saved once TMDB has taken it. What was typed is not sent back: it is a secret."""
    form = await read_form(request)
    try:
        new = as_shape({"key": form.get("key", "").strip()}, NewTmdbKey)
        await _client(request).save_key(identity, new, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error, error_at="key")
    await account_changed(request, identity)
    return go(HERE, said="tmdb_key_saved")


async def send_check(request: web.Request, identity: Identity) -> web.Response:
    """The state of the page that comes says what TMDB said."""
    await read_form(request)
    try:
        found = await _client(request).check(identity, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    await account_changed(request, identity)
    return go(HERE, said="tmdb_works" if found.state == "works" else "tmdb_checked")


async def send_removal(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await _client(request).remove_key(identity, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    await account_changed(request, identity)
    return go(HERE, said="tmdb_key_removed")


async def send_choice(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    try:
        values = {name: form.get(name, "") for name in TmdbChoice.__struct_fields__}
        choice = as_shape(values, TmdbChoice)
        await _client(request).choose(identity, choice, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error)
    await account_changed(request, identity)
    return go(HERE, said="tmdb_saved")


def _client(request: web.Request) -> TmdbSettingsClient:
    return TmdbSettingsClient(request.app[CATALOG].service)


async def _page(
    request: web.Request,
    identity: Identity,
    *,
    error: HeadgateError | None = None,
    error_at: str = "",
) -> web.Response:
    settings = await _client(request).get(identity, deadline=deadline_of(request))
    context = {
        "settings": settings,
        "state": STATE_WORDS[settings.state],
        "key": settings.key,
        "key_kind": _kind(settings),
        "keys_at": KEYS_AT,
        "max_key": MAX_KEY_CHARS,
        "languages": languages_with(settings.choice.language),
        "posters": POSTER_WORDS,
        "backgrounds": BACKGROUND_WORDS,
        "profile_name": request[SHELL].profile,
        "error": error,
        "error_at": error_at,
    }
    return render_page(request, "settings/tmdb.html", context, status=error.status if error else 200)


def _kind(settings: TmdbSettings) -> str:
    return KEY_KINDS.get(settings.key.kind or "", "Key") if settings.key is not None else ""

"""The profiles of an account: who watches, each with sources, rows and an address of their own."""

import asyncio
from dataclasses import dataclass
from typing import Final

import msgspec
from aiohttp import web

from libs.common.contracts.accounts import MAX_NAME_CHARS, MAX_PROFILES, Profile, ProfileName
from libs.common.errors import HeadgateError, NotFound
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import ACCOUNTS, CATALOG
from services.gateway.pages.draw import tone_of
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import as_shape, read_form, safe_path

HERE = "/settings/profiles"
COUNT_WAIT_S: Final = 1.5
"""What a profile holds is worth a moment, and no more: the page works without."""


@dataclass(frozen=True, slots=True)
class ShownProfile:
    """`addons` and `rows` are None when they could not be counted."""

    id: str
    name: str
    tone: int
    is_default: bool
    is_present: bool
    addons: int | None
    rows: int | None


async def show_profiles(request: web.Request, identity: Identity) -> web.Response:
    return await _page(request, identity)


async def send_profile(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    name = form.get("name", "").strip()
    try:
        name = as_shape({"name": name}, ProfileName).name
        await request.app[ACCOUNTS].create_profile(identity, name, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error, error_at="new", typed=name)
    return go(HERE, said="profile_added")


async def send_rename(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    profile_id, name = request.match_info["profile_id"], form.get("name", "").strip()
    try:
        name = as_shape({"name": name}, ProfileName).name
        await request.app[ACCOUNTS].rename_profile(identity, profile_id, name, deadline=deadline_of(request))
    except HeadgateError as error:
        return await _page(request, identity, error=error, error_at=profile_id)
    return go(HERE, said="renamed")


async def send_delete(request: web.Request, identity: Identity) -> web.Response:
    """Whoever deletes the profile in use goes on as the first one."""
    await read_form(request)
    profile_id = request.match_info["profile_id"]
    accounts, deadline = request.app[ACCOUNTS], deadline_of(request)
    try:
        if profile_id == identity.profile_id:
            listed = (await accounts.list_profiles(identity, deadline=deadline)).items
            first = next((profile for profile in listed if profile.is_default), None)
            if first is None or first.id == profile_id:
                raise NotFound("There is no other profile to go on as.")
            await accounts.select_profile(identity, first.id, deadline=deadline)
            identity = _as_profile(identity, first.id)
        await accounts.delete_profile(identity, profile_id, deadline=deadline)
    except HeadgateError as error:
        return await _page(request, identity, error=error, error_at=profile_id)
    return go(HERE, said="profile_deleted")


async def send_select(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    profile_id = request.match_info["profile_id"]
    try:
        await request.app[ACCOUNTS].select_profile(identity, profile_id, deadline=deadline_of(request))
    except NotFound as error:
        return await _page(request, identity, error=error, error_at="page")
    return go(safe_path(form.get("back", "/")), said="profile_selected")


async def _page(
    request: web.Request,
    identity: Identity,
    *,
    error: HeadgateError | None = None,
    error_at: str = "",
    typed: str = "",
) -> web.Response:
    listed = (await request.app[ACCOUNTS].list_profiles(identity, deadline=deadline_of(request))).items
    shown = await asyncio.gather(*(_shown(request, identity, profile) for profile in listed))
    known = {profile.id for profile in listed}
    context = {
        "profiles": shown,
        "default_name": next((profile.name for profile in listed if profile.is_default), ""),
        "most": MAX_PROFILES,
        "max_name": MAX_NAME_CHARS,
        "typed": typed,
        "error": error,
        "error_at": error_at if error_at in known or error_at == "new" else "page",
    }
    return render_page(request, "settings/profiles.html", context, status=error.status if error else 200)


async def _shown(request: web.Request, identity: Identity, profile: Profile) -> ShownProfile:
    addons = rows = None
    try:
        held = await request.app[CATALOG].addons(
            _as_profile(identity, profile.id), deadline=deadline_of(request).sooner(COUNT_WAIT_S)
        )
        addons, rows = len(held.items), sum(addon.catalogs for addon in held.items)
    except HeadgateError:
        # Said by the page: it shows no counts. The client has logged why.
        pass
    is_present = profile.id == identity.profile_id
    return ShownProfile(
        profile.id, profile.name, tone_of(profile.name), profile.is_default, is_present, addons, rows
    )


def _as_profile(identity: Identity, profile_id: str) -> Identity:
    """Another profile of the same account; auth has said that it is one."""
    return msgspec.structs.replace(identity, profile_id=profile_id)

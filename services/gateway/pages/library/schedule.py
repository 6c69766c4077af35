"""When an account is synced by itself, and who is told of it."""

from __future__ import annotations

from typing import Final

import msgspec
from aiohttp import web

from libs.common.contracts.account_syncs import AccountSyncsClient
from libs.common.contracts.library import ProviderView
from libs.common.contracts.sync import SyncSettings, SyncSettingsView
from libs.common.errors import HeadgateError
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.keys import SYNC
from services.gateway.pages.parts import lacks_part
from services.gateway.pages.session import Form, as_shape

EVERY_WORDS: Final = (("6", "6 hours"), ("12", "12 hours"), ("24", "Day"), ("48", "2 days"))


async def settings_of(
    request: web.Request, identity: Identity, provider: ProviderView
) -> SyncSettingsView | None:
    """None while sync is away: the page comes without the form."""
    try:
        return await _client(request).get(identity, provider.id, deadline=deadline_of(request))
    except HeadgateError:
        lacks_part()
        return None


async def save_settings(request: web.Request, identity: Identity, provider: ProviderView, form: Form) -> str:
    await _save(request, identity, provider.id, _read(form))
    return "sync_saved"


async def restore_defaults(
    request: web.Request, identity: Identity, provider: ProviderView, _form: Form
) -> str:
    await _client(request).reset(identity, provider.id, deadline=deadline_of(request))
    return "sync_defaults"


async def skip_first(request: web.Request, identity: Identity, provider: ProviderView, _form: Form) -> str:
    await refuse_automatic(request, identity, provider.id)
    return "sync_skipped"


async def refuse_automatic(request: web.Request, identity: Identity, provider_id: str) -> None:
    """Nothing begins by itself any more; everything else stays as it was chosen."""
    view = await _client(request).get(identity, provider_id, deadline=deadline_of(request))
    chosen = msgspec.to_builtins(view)
    kept = {name: chosen[name] for name in ("every_h", "quiet", "only_unmetered", "notify")}
    await _save(request, identity, provider_id, as_shape({**kept, "automatic": False}, SyncSettings))


def _read(form: Form) -> SyncSettings:
    """A webhook that is left empty stays: its address is never shown."""
    start, end = form.get("quiet_start", "").strip(), form.get("quiet_end", "").strip()
    quiet = {"start": start, "end": end, "zone": form.get("quiet_zone", "").strip() or "UTC"}
    every = form.get("every_h", "")
    values: dict[str, object] = {
        "automatic": "automatic" in form,
        "every_h": int(every) if every in dict(EVERY_WORDS) else every,
        "quiet": quiet if start or end else None,
        "only_unmetered": "only_unmetered" in form,
        "notify": "notify" in form,
    }
    if "no_webhook" in form:
        values["webhook"] = None
    elif form.get("webhook", "").strip():
        values["webhook"] = form["webhook"].strip()
    return as_shape(values, SyncSettings)


async def _save(request: web.Request, identity: Identity, provider_id: str, wanted: SyncSettings) -> None:
    await _client(request).save(identity, provider_id, wanted, deadline=deadline_of(request))


def _client(request: web.Request) -> AccountSyncsClient:
    return AccountSyncsClient(request.app[SYNC].service)

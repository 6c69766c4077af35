"""Who is shut out and why, who never is, and both by hand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from libs.common.errors import HeadgateError, InvalidInput, NotFound
from libs.common.identity import Identity
from libs.common.web import deadline_of
from services.gateway.abuse.model import Block
from services.gateway.address import client_address
from services.gateway.keys import ABUSE, SETTINGS
from services.gateway.pages.render import go, render_page
from services.gateway.pages.session import read_form

HERE = "/admin/blocks"
MAX_REASON_CHARS: Final = 200
DURATIONS: Final = (
    ("600", "10 minutes"),
    ("3600", "An hour"),
    ("86400", "A day"),
    ("604800", "A week"),
)
LONGEST_S: Final = 604_800
SHOWN: Final = 200
"""The latest decisions; a flood may make thousands, which end by themselves."""


@dataclass(frozen=True, slots=True)
class Undo:
    """What blocks again what was just let in, for as long as it had left."""

    network: str
    seconds: int
    reason: str


async def show_blocks(request: web.Request, identity: Identity) -> web.Response:
    return _page(request)


async def send_block(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    try:
        await request.app[ABUSE].block(
            form.get("address", ""),
            reason=form.get("reason", "").strip()[:MAX_REASON_CHARS],
            expires_in_s=_seconds(form.get("seconds", "")),
            made_by=identity.account_id,
            asked_from=client_address(request),
        )
    except HeadgateError as error:
        return _page(request, error=error, error_at="block", typed=form)
    return go(HERE, said="blocked")


async def send_revoke(request: web.Request, identity: Identity) -> web.Response:
    """Let in again. The answer offers to undo it, which is why it doesn't ask before."""
    await read_form(request)
    abuse, block_id = request.app[ABUSE], request.match_info["block_id"]
    block = next((one for one in abuse.blocks() if one.id == block_id), None)
    try:
        await abuse.revoke(block_id, made_by=identity.account_id)
    except NotFound:
        return go(HERE)
    return _page(request, undo=_undo(request, block) if block is not None else None)


async def send_allowed(request: web.Request, identity: Identity) -> web.Response:
    form = await read_form(request)
    reason = form.get("reason", "").strip()[:MAX_REASON_CHARS]
    try:
        await request.app[ABUSE].allow(form.get("network", ""), reason=reason, made_by=identity.account_id)
    except HeadgateError as error:
        return _page(request, error=error, error_at="allow", typed=form)
    return go(HERE, said="allowed")


async def send_disallowed(request: web.Request, identity: Identity) -> web.Response:
    await read_form(request)
    try:
        await request.app[ABUSE].disallow(request.match_info["allowed_id"], made_by=identity.account_id)
    except NotFound:
        return go(HERE)
    except HeadgateError as error:
        return _page(request, error=error, error_at="page")
    return go(HERE, said="disallowed")


def _page(
    request: web.Request,
    *,
    error: HeadgateError | None = None,
    error_at: str = "",
    typed: Mapping[str, str] | None = None,
    undo: Undo | None = None,
) -> web.Response:
    abuse = request.app[ABUSE]
    blocks = abuse.blocks()
    context = {
        "mode": abuse.mode,
        "ends_with_process": not request.app[SETTINGS].common.redis_url,
        "blocks": blocks[:SHOWN],
        "more": max(0, len(blocks) - SHOWN),
        "allowed": [one for one in abuse.allowed() if not one.fixed],
        "fixed": [one for one in abuse.allowed() if one.fixed],
        "durations": DURATIONS,
        "max_reason": MAX_REASON_CHARS,
        "error": error,
        "error_at": error_at,
        "typed": typed or {},
        "undo": undo,
    }
    return render_page(request, "admin/blocks.html", context, status=error.status if error else 200)


def _undo(request: web.Request, block: Block) -> Undo:
    left_s = (block.expires_at - deadline_of(request).clock.now()).total_seconds()
    return Undo(block.network, max(60, round(left_s)), block.reason)


def _seconds(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= len(text) <= 6 and 60 <= int(text) <= LONGEST_S):
        raise InvalidInput("Choose how long from the list.")
    return int(text)

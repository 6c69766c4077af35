"""How a provider is asked, read from what somebody pasted and typed."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from libs.common.contracts.handover import ProviderAccess
from libs.common.contracts.library import (
    M3uAccountPatch,
    NewM3uAccount,
    NewXtreamAccount,
    XtreamAccountPatch,
)
from libs.common.errors import InvalidInput
from libs.common.http import InvalidUrl
from libs.common.http.urls import parse_url
from libs.protocols.text import printable
from libs.protocols.xtream.addresses import Credentials, Pasted, read_pasted
from services.catalog.errors import NotAProvider


def xtream_access(account_id: str, new: NewXtreamAccount) -> ProviderAccess:
    """Raises NotAProvider, and InvalidInput where credentials stand neither in the address nor beside it."""
    pasted = _panel(new.url)
    given = pasted.credentials or Credentials("", "")
    credentials = Credentials(new.username or given.username, new.password or given.password)
    missing = {
        name: "needed"
        for name, value in (("username", credentials.username), ("password", credentials.password))
        if not value
    }
    if missing:
        raise InvalidInput("The panel's user name and password are needed.", fields=missing)
    return ProviderAccess(
        id=account_id,
        kind="xtream",
        name=clean_name(new.name) or host_of(pasted.base),
        url=pasted.base,
        username=credentials.username,
        password=credentials.password,
    )


def m3u_access(account_id: str, new: NewM3uAccount) -> ProviderAccess:
    """Raises NotAProvider."""
    url = _web_address(new.url, "url")
    return ProviderAccess(
        id=account_id,
        kind="m3u",
        name=clean_name(new.name) or host_of(url),
        url=url,
        guide_url=_guide(new.guide_url),
        user_agent=_header(new.user_agent),
    )


def xtream_changed(access: ProviderAccess, patch: XtreamAccountPatch) -> ProviderAccess:
    """Credentials in a new address count unless others are named beside it. Raises NotAProvider."""
    changes: dict[str, str] = {}
    if isinstance(patch.url, str):
        pasted = _panel(patch.url)
        # Whom the former panel talked to says nothing about another one.
        changes = {"url": pasted.base, "user_agent": access.user_agent if pasted.base == access.url else ""}
        if pasted.credentials is not None:
            changes |= {
                "username": pasted.credentials.username,
                "password": pasted.credentials.password,
            }
    named = {"username": patch.username, "password": patch.password}
    changes |= {name: value for name, value in named.items() if isinstance(value, str)}
    return msgspec.structs.replace(access, **changes)


def m3u_changed(access: ProviderAccess, patch: M3uAccountPatch) -> ProviderAccess:
    """Raises NotAProvider."""
    changes: dict[str, str] = {}
    if isinstance(patch.url, str):
        changes["url"] = _web_address(patch.url, "url")
    if isinstance(patch.guide_url, str):
        changes["guide_url"] = _guide(patch.guide_url)
    if isinstance(patch.user_agent, str):
        changes["user_agent"] = _header(patch.user_agent)
    return msgspec.structs.replace(access, **changes)


def clean_name(name: str) -> str:
    return printable(name).strip()


def host_of(url: str) -> str:
    """What may be shown of an address: no path, no query, nobody's name."""
    return urlsplit(url).netloc.rpartition("@")[2]


def _panel(text: str) -> Pasted:
    try:
        return read_pasted(text)
    except InvalidUrl as error:
        raise NotAProvider(str(error), fields={"url": str(error)}) from None


def _guide(text: str) -> str:
    return _web_address(text, "guide_url") if text.strip() else ""


def _web_address(text: str, field: str) -> str:
    written = text.strip()
    if "://" not in written:
        written = f"http://{written.lstrip('/')}"
    try:
        return str(parse_url(written))
    except InvalidUrl as error:
        raise NotAProvider(str(error), fields={field: str(error)}) from None


def _header(text: str) -> str:
    return "".join(letter for letter in text if letter.isascii() and letter.isprintable()).strip()

"""Asking Stremio about an account: one question, one answer, no memory."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

import msgspec

from libs.common.deadline import Deadline
from libs.common.http import Fetched, Fetcher, FetchLimits
from libs.protocols.stremio_api.errors import (
    AnswerUnreadable,
    CodePending,
    Declined,
    KeyRefused,
    LoginRefused,
    ServiceDown,
    StremioApiError,
    TooManyRequests,
)
from libs.protocols.stremio_api.key import AuthKey
from libs.protocols.stremio_api.wire import (
    Descriptor,
    ItemMeta,
    LibraryItem,
    LinkCode,
    Login,
    User,
    read_descriptor,
    read_item,
    read_metas,
    read_user,
)

API_URL: Final = "https://api.strem.io"
LINK_URL: Final = "https://link.stremio.com"
LIBRARY: Final = "libraryItem"

_OK, _TOO_MANY = 200, 429
MAX_CODE_CHARS: Final = 64
MAX_LINK_CHARS: Final = 500
MOST_ADDONS: Final = 2000
"""Of one account: many times what its apps can bear, and each costs time to look at."""

T = TypeVar("T")


class StremioApi:
    """Raises only FetchError and StremioApiError. No retry, no cache, no breaker, no rate of its own.

    After a FetchError, ServiceDown or AnswerUnreadable nobody here knows whether a write was done.
    """

    def __init__(
        self,
        fetcher: Fetcher,
        base_url: str = API_URL,
        link_url: str = LINK_URL,
        *,
        timeout_s: float = 20.0,
        max_bytes: int = 4 * 1024 * 1024,
    ) -> None:
        self._fetcher = fetcher
        self._base_url = base_url.rstrip("/")
        self._link_url = link_url.rstrip("/")
        # A redirect could take the key elsewhere, and the API knows none.
        self._limits = FetchLimits(max_bytes=max_bytes, total_s=timeout_s, max_redirects=0)

    async def login(self, email: str, password: str, *, deadline: Deadline | None = None) -> Login:
        """Raises LoginRefused. The password goes out once and is held nowhere."""
        sent = {"type": "Login", "email": email, "password": password, "facebook": False}
        told = await self._call("login", sent, deadline)
        found = _object(told)
        return Login(key=AuthKey(found.get("authKey")), user=read_user(found.get("user")))

    async def create_code(self, *, deadline: Deadline | None = None) -> LinkCode:
        """A code that its owner confirms at Stremio; it works once, for a few minutes."""
        told = _object(await self._link("create?type=Create", deadline))
        code, link = told.get("code"), told.get("link")
        if not (isinstance(code, str) and 0 < len(code) <= MAX_CODE_CHARS and code.isascii()):
            raise AnswerUnreadable("Stremio gave no code that can be used.")
        if not isinstance(link, str) or not self._is_own(link):
            raise AnswerUnreadable("Stremio gave no link to confirm the code at.")
        return LinkCode(code=code, link=link)

    async def read_code(self, code: str, *, deadline: Deadline | None = None) -> AuthKey:
        """Raises CodePending until it is confirmed, and also when it can't be any more."""
        told = _object(await self._link(f"read?type=Read&code={quote(code, safe='')}", deadline))
        return AuthKey(told.get("authKey"))

    async def logout(self, key: AuthKey, *, deadline: Deadline | None = None) -> None:
        await self._call("logout", {"type": "Logout", **_signed(key)}, deadline)

    async def user(self, key: AuthKey, *, deadline: Deadline | None = None) -> User:
        return read_user(await self._call("getUser", {"type": "GetUser", **_signed(key)}, deadline))

    async def addons(self, key: AuthKey, *, deadline: Deadline | None = None) -> list[Descriptor]:
        """The whole list in its order, each as it came."""
        sent = {"type": "AddonCollectionGet", **_signed(key), "update": True}
        listed = _read(await self._call_raw("addonCollectionGet", sent, deadline), _Addons).addons
        if len(listed) > MOST_ADDONS:
            raise AnswerUnreadable(f"The account has more than {MOST_ADDONS:,} addons.")
        return [read_descriptor(bytes(raw)) for raw in listed]

    async def set_addons(
        self, key: AuthKey, addons: Sequence[Descriptor], *, deadline: Deadline | None = None
    ) -> None:
        """Replaces the whole list."""
        sent = {
            "type": "AddonCollectionSet",
            **_signed(key),
            "addons": [msgspec.Raw(addon.raw) for addon in addons],
        }
        _check_success(await self._call("addonCollectionSet", sent, deadline), "the list of addons")

    async def library_metas(self, key: AuthKey, *, deadline: Deadline | None = None) -> list[ItemMeta]:
        """What is in the library, and when each was last changed."""
        told = _read(await self._call_raw("datastoreMeta", _stored(key), deadline), list[msgspec.Raw])
        # In a thread: a hundred thousand of them are a stutter for everybody else.
        return await asyncio.to_thread(read_metas, told)

    async def library_items(
        self, key: AuthKey, ids: Sequence[str], *, deadline: Deadline | None = None
    ) -> list[LibraryItem]:
        """Those of `ids` that there are, as they came."""
        if not ids:
            return []
        sent = {**_stored(key), "ids": list(ids), "all": False}
        told = await self._call_raw("datastoreGet", sent, deadline)
        items = [read_item(bytes(raw)) for raw in _read(told, list[msgspec.Raw])]
        return [item for item in items if item is not None]

    async def put_items(
        self, key: AuthKey, changes: Sequence[bytes], *, deadline: Deadline | None = None
    ) -> None:
        """Writes whole items. Of two versions Stremio keeps the one with the later `_mtime`."""
        sent = {**_stored(key), "changes": [msgspec.Raw(raw) for raw in changes]}
        _check_success(await self._call("datastorePut", sent, deadline), "the library")

    async def _call(self, method: str, sent: Mapping[str, Any], deadline: Deadline | None) -> Any:
        return _read(await self._call_raw(method, sent, deadline), Any)

    async def _call_raw(
        self, method: str, sent: Mapping[str, Any], deadline: Deadline | None
    ) -> bytes | msgspec.Raw:
        fetched = await self._fetcher.send(
            "POST",
            f"{self._base_url}/api/{method}",
            msgspec.json.encode(sent),
            limits=self._limits,
            headers={"Accept": "application/json", "Content-Type": "application/json"},
            deadline=deadline,
        )
        return _result(fetched)

    async def _link(self, question: str, deadline: Deadline | None) -> Any:
        fetched = await self._fetcher.get(
            f"{self._link_url}/api/v2/{question}",
            limits=self._limits,
            headers={"Accept": "application/json"},
            deadline=deadline,
        )
        return _read(_result(fetched), Any)

    def _is_own(self, link: str) -> bool:
        """A link that people are sent to leads to Stremio and nowhere else."""
        try:
            told, own = urlsplit(link), (urlsplit(self._link_url), urlsplit(LINK_URL))
        except ValueError:
            return False
        plain = len(link) <= MAX_LINK_CHARS and link.isascii() and link.isprintable()
        return plain and any((told.scheme, told.netloc) == (each.scheme, each.netloc) for each in own)


class _Addons(msgspec.Struct):
    addons: list[msgspec.Raw]


class _Told(msgspec.Struct):
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: msgspec.Raw = msgspec.Raw(b"null")


class _Error(msgspec.Struct):
    code: int = 0


def _signed(key: AuthKey) -> dict[str, str]:
    return {"authKey": key.reveal()}


def _stored(key: AuthKey) -> dict[str, str]:
    return {**_signed(key), "collection": LIBRARY}


def _result(fetched: Fetched) -> bytes | msgspec.Raw:
    """Stremio answers 200 to what it refuses, too."""
    status, wait_s = fetched.status, fetched.retry_after_s
    if status == _TOO_MANY:
        raise TooManyRequests("Stremio was asked too often.", retry_after_s=wait_s)
    if status != _OK:
        raise ServiceDown(status, retry_after_s=wait_s)
    told = _read(fetched.body, _Told)
    if bytes(told.error) != b"null":
        raise _error(told.error)
    return told.result


def _error(told: msgspec.Raw) -> StremioApiError:
    try:
        code = msgspec.json.decode(told, type=_Error).code
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        code = 0
    match code:
        case 1:  # the session does not exist
            return KeyRefused("Stremio no longer knows this connection.")
        case 2:
            return LoginRefused("Stremio knows no account with this e-mail address.")
        case 3:
            return LoginRefused("Stremio says that the password is wrong.")
        case 101:
            return CodePending("The code was not confirmed at Stremio yet.")
    return Declined(f"Stremio declined this (its code is {code}).")


def _read(body: bytes | msgspec.Raw, into: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=into)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        pass
    # Outside the handler: the library's error quotes what it read.
    raise AnswerUnreadable("Stremio's answer can't be read.")


def _object(told: Any) -> dict[str, Any]:
    if not isinstance(told, dict):
        raise AnswerUnreadable("Stremio's answer can't be read.")
    return told


def _check_success(told: Any, what: str) -> None:
    if _object(told).get("success") is not True:
        raise Declined(f"Stremio did not take {what}.")

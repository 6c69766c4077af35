"""Stremio's account API as it behaves: sessions, codes, a list replaced whole, a library, and misbehaviour.

async with FakeStremio() as stremio:
    account = stremio.add_account("anna@example.org", "a password")
    account.addons = [descriptor("https://one.example/manifest.json")]
    … ask at stremio.url, and codes at stremio.link_url …
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from tests.fakes.serving import Serving

Item = dict[str, Any]

NO_SESSION = (1, "Session does not exist")
NO_USER = (2, "User not found")
WRONG_PASSWORD = (3, "Wrong passphrase")
BAD_REQUEST = (11, "Invalid request")
CODE_WAITS = (101, "Invalid or expired token")
LIBRARY = "libraryItem"


@dataclass
class Account:
    email: str
    password: str
    id: str = field(default_factory=lambda: secrets.token_hex(12))
    addons: list[Any] = field(default_factory=list)
    last_modified: str = "2026-01-01T00:00:00.000Z"
    library: dict[str, Item] = field(default_factory=dict)


@dataclass(frozen=True)
class Asked:
    """A question as it came, without what is secret in it."""

    method: str
    body: Item
    status: int


@dataclass
class FakeStremio(Serving):
    """`status` overrides every answer and `body` its body; `failing` does so for one method. `before` is
    called with a method and its account before it is answered, as another device may change things then.
    `leads_to` is where codes are said to be confirmed. `cut_after` names a method that is done, and
    never answered."""

    accounts: dict[str, Account] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    codes: dict[str, str | None] = field(default_factory=dict)
    status: int = 200
    body: bytes | None = None
    failing: dict[str, int] = field(default_factory=dict)
    declining: dict[str, tuple[int, str]] = field(default_factory=dict)
    before: Callable[[str, Account], None] | None = None
    leads_to: str = ""
    cut_after: set[str] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def link_url(self) -> str:
        return self.url

    @property
    def methods(self) -> list[str]:
        return [asked.method for asked in self.asked]

    def add_account(self, email: str = "anna@example.org", password: str = "a password") -> Account:
        account = self.accounts[email] = Account(email, password)
        return account

    def sign_in(self, email: str = "anna@example.org") -> str:
        """A key as a sign-in gives it."""
        key = secrets.token_urlsafe(33)
        self.sessions[key] = email
        return key

    def revoke(self) -> None:
        """Every key ends, as after a change of the password."""
        self.sessions.clear()

    def confirm(self, code: str, email: str = "anna@example.org") -> None:
        """Somebody who is signed in opens the link."""
        self.codes[code] = email

    def end_code(self, code: str) -> None:
        del self.codes[code]

    def app(self) -> web.Application:
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_get("/api/v2/{method}", self._answer_link)
        app.router.add_post("/api/{method}", self._answer)
        app.router.add_route("OPTIONS", "/{tail:.*}", _preflight)
        return app

    async def _answer(self, request: web.Request) -> web.Response:
        method, sent = request.match_info["method"], json.loads(await request.read())
        await self.held_back()
        status = self.failing.get(method, self.status)
        kept = {name: value for name, value in sent.items() if name not in {"authKey", "password"}}
        self.asked.append(Asked(method, kept, status))
        if self.body is not None or status != 200:
            return web.Response(status=status, body=self.body or b"{}", content_type="application/json")
        told = self._told(method, sent)
        if method in self.cut_after and request.transport is not None:
            request.transport.abort()
        return web.json_response(told)

    def _told(self, method: str, sent: Item) -> Item:
        if method in self.declining:
            return _error(self.declining[method])
        if method == "login":
            return self._login(sent)
        email = self.sessions.get(sent.get("authKey", ""))
        if email is None:
            return _error(NO_SESSION)
        account = self.accounts[email]
        if self.before is not None:
            self.before(method, account)
        return self._of_account(method, sent, account)

    def _login(self, sent: Item) -> Item:
        account = self.accounts.get(sent["email"].lower())
        if account is None:
            return _error(NO_USER)
        if account.password != sent["password"]:
            return _error(WRONG_PASSWORD)
        return {"result": {"authKey": self.sign_in(account.email), "user": _user(account)}}

    def _of_account(self, method: str, sent: Item, account: Account) -> Item:
        told: dict[str, Callable[[Item, Account], Item]] = {
            "logout": self._logout,
            "getUser": lambda _sent, account: {"result": _user(account)},
            "addonCollectionGet": _get_addons,
            "addonCollectionSet": _set_addons,
            "datastoreMeta": _metas,
            "datastoreGet": _get,
            "datastorePut": _put,
        }
        if method.startswith("datastore") and sent.get("collection") != LIBRARY:
            return {"result": []}
        return told[method](sent, account) if method in told else _error((100, "Unknown method"))

    def _logout(self, sent: Item, _account: Account) -> Item:
        del self.sessions[sent["authKey"]]
        return {"result": {"success": True}}

    async def _answer_link(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        self.asked.append(Asked(f"link/{method}", {}, self.status))
        if self.status != 200:
            return web.Response(status=self.status)
        if method == "create":
            code = secrets.token_hex(2).upper()
            self.codes[code] = None
            link = f"{self.leads_to or self.link_url}/{code}"
            told: Item = {"code": code, "link": link, "qrcode": f"{self.link_url}/qr?data={code}"}
            return web.json_response({"success": True, **told, "result": told, "error": None})
        email = self.codes.get(request.query["code"])
        if email is None:
            return web.json_response({"result": None, **_error(CODE_WAITS)})
        del self.codes[request.query["code"]]
        return web.json_response({"result": {"authKey": self.sign_in(email), "success": True}, "error": None})


def descriptor(
    transport_url: str, *, official: bool = False, protected: bool = False, **manifest: Any
) -> Item:
    """An installed addon, with members that nobody here knows."""
    return {
        "transportUrl": transport_url,
        "transportName": "",
        "installedBy": {"device": "tv", "numbers": [1, 2.5, 12345678901234567]},
        "manifest": {
            "id": f"org.example.{abs(hash(transport_url)) % 10**8}",
            "version": "1.0.0",
            "name": transport_url.split("/")[2],
            "description": "",
            "resources": ["stream"],
            "types": ["movie"],
            "catalogs": [],
            "somebodysOwn": {"kept": True},
            **manifest,
        },
        "flags": {"official": official, "protected": protected, "unknown": "flag"},
    }


def library_item(id_: str, type_: str = "movie", *, changed: str, **state: Any) -> Item:
    """A title of the library, changed at an ISO time."""
    return {
        "_id": id_,
        "name": f"The {id_}",
        "type": type_,
        "poster": f"https://pictures.example/{id_}.jpg",
        "posterShape": "poster",
        "removed": False,
        "temp": False,
        "_ctime": "2020-01-01T00:00:00.000Z",
        "_mtime": changed,
        "year": "2021–2025",
        "behaviorHints": {"defaultVideoId": None, "unknown": 1},
        "state": {
            "lastWatched": changed,
            "timeWatched": 0,
            "timeOffset": 0,
            "overallTimeWatched": 0,
            "timesWatched": 0,
            "flaggedWatched": 0,
            "duration": 0,
            "video_id": "",
            "watched": "",
            "noNotif": False,
            "season": 0,
            **state,
        },
    }


async def _preflight(_request: web.Request) -> web.Response:
    return web.Response(headers={"Access-Control-Allow-Origin": "*", "Access-Control-Allow-Headers": "*"})


def _get_addons(_sent: Item, account: Account) -> Item:
    return {"result": {"addons": account.addons, "lastModified": account.last_modified}}


def _set_addons(sent: Item, account: Account) -> Item:
    addons = sent["addons"]
    held = {url for each in account.addons if (url := _protected(each))}
    if not isinstance(addons, list) or not held <= {_protected(each) for each in addons}:
        return _error(BAD_REQUEST)
    account.addons = addons
    account.last_modified = datetime.now(UTC).isoformat()
    return {"result": {"success": True}}


def _protected(addon: Any) -> str:
    """The address of one that may not be taken away."""
    held = (
        isinstance(addon, dict) and isinstance(addon.get("flags"), dict) and addon["flags"].get("protected")
    )
    return str(addon["transportUrl"]) if held else ""


def _metas(_sent: Item, account: Account) -> Item:
    return {"result": [[item["_id"], _ms(item["_mtime"])] for item in account.library.values()]}


def _get(sent: Item, account: Account) -> Item:
    wanted = account.library if sent["all"] else sent["ids"]
    return {"result": [account.library[id_] for id_ in wanted if id_ in account.library]}


def _put(sent: Item, account: Account) -> Item:
    for item in sent["changes"]:
        known = account.library.get(item["_id"])
        if known is None or _ms(known["_mtime"]) < _ms(item["_mtime"]):
            account.library[item["_id"]] = item
    return {"result": {"success": True}}


def _user(account: Account) -> Item:
    return {
        "_id": account.id,
        "email": account.email,
        "fbId": None,
        "avatar": None,
        "lastModified": "2026-01-01T00:00:00.000Z",
        "dateRegistered": "2020-01-01T00:00:00.000Z",
        "premium_expire": None,
        "trakt": None,
        "gdpr_consent": {"tos": True, "privacy": True, "marketing": False, "from": "web"},
    }


def _ms(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp() * 1000)


def _error(told: tuple[int, str]) -> Item:
    return {"error": {"code": told[0], "message": told[1]}}

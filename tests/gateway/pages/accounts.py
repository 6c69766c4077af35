"""Auth's answers about accounts and what belongs to one, from what `Inner` holds."""

from __future__ import annotations

from datetime import timedelta
from typing import TypeVar

import msgspec
from aiohttp import web

from libs.common.contracts.accounts import (
    AccountList,
    AccountPatch,
    ApiKeyList,
    ApiKeyMade,
    AuditPage,
    InvitationList,
    InvitationMade,
    NewAccount,
    NewApiKey,
    NewInvitation,
    NewPassword,
    OwnDeletion,
    ProfileList,
    ProfileName,
    Registration,
    Session,
    SessionList,
)
from libs.common.contracts.auth import Account
from libs.common.errors import Conflict, Forbidden, InvalidInput, NotFound
from tests.gateway.pages.inner import NOW, Inner, person, profile

CODE = "invitation-code"
KEY = "hgk_secret"
T = TypeVar("T")


def send(value: object, status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(value), content_type="application/json", status=status)


class AccountsOfAuth:
    """One browser asks; each session in `Inner.sessions` is listed, the last one as the asking one."""

    def __init__(self, inner: Inner) -> None:
        self._inner = inner

    def routes(self) -> list[web.RouteDef]:
        return [
            web.get("/api/v1/accounts", self._accounts),
            web.post("/api/v1/accounts", self._create_account),
            web.patch("/api/v1/accounts/{id}", self._change_account),
            web.delete("/api/v1/accounts/{id}", self._delete_account),
            web.get("/api/v1/invitations", self._invitations),
            web.post("/api/v1/invitations", self._invite),
            web.delete("/api/v1/invitations/{id}", self._withdraw),
            web.post("/internal/auth/register", self._register),
            web.get("/api/v1/profiles", self._profiles),
            web.post("/api/v1/profiles", self._create_profile),
            web.patch("/api/v1/profiles/{id}", self._rename_profile),
            web.delete("/api/v1/profiles/{id}", self._delete_profile),
            web.post("/api/v1/profiles/{id}/select", self._select_profile),
            web.get("/api/v1/api-keys", self._keys),
            web.post("/api/v1/api-keys", self._create_key),
            web.delete("/api/v1/api-keys/{id}", self._revoke_key),
            web.get("/api/v1/sessions", self._sessions),
            web.delete("/api/v1/sessions", self._end_others),
            web.delete("/api/v1/sessions/{id}", self._end_session),
            web.post("/internal/auth/password", self._change_password),
            web.post("/internal/auth/account/delete", self._delete_own),
            web.get("/api/v1/audit", self._audit),
        ]

    async def _accounts(self, _request: web.Request) -> web.Response:
        return send(AccountList(tuple(self._inner.people)))

    async def _create_account(self, request: web.Request) -> web.Response:
        wanted = await read(request, NewAccount)
        if any(one.username == wanted.username for one in self._inner.people):
            raise Conflict("This name is taken.", fields={"username": "This name is taken."})
        made = person(f"acc{len(self._inner.people)}", wanted.username, role=wanted.role, tier=wanted.tier)
        self._inner.people.append(made)
        return send(made, 201)

    async def _change_account(self, request: web.Request) -> web.Response:
        patch = await read(request, AccountPatch)
        n = place(self._inner.people, request)
        changes = {
            name: value
            for name in ("role", "tier", "disabled")
            if (value := getattr(patch, name)) is not None
        }
        self._inner.people[n] = msgspec.structs.replace(self._inner.people[n], **changes)
        return send(self._inner.people[n])

    async def _delete_account(self, request: web.Request) -> web.Response:
        del self._inner.people[place(self._inner.people, request)]
        return web.Response(status=204)

    async def _invitations(self, _request: web.Request) -> web.Response:
        return send(InvitationList(tuple(self._inner.invitations)))

    async def _invite(self, request: web.Request) -> web.Response:
        wanted = await read(request, NewInvitation)
        made = InvitationMade(
            id=f"inv{len(self._inner.invitations)}",
            role=wanted.role,
            tier=wanted.tier,
            created_by="acc",
            created_at=NOW,
            expires_at=NOW + timedelta(days=7),
            code=CODE,
        )
        self._inner.invitations.append(made)
        return send(made, 201)

    async def _withdraw(self, request: web.Request) -> web.Response:
        del self._inner.invitations[place(self._inner.invitations, request)]
        return web.Response(status=204)

    async def _register(self, request: web.Request) -> web.Response:
        wanted = await read(request, Registration)
        if wanted.invitation != CODE:
            raise Forbidden("This invitation does not work.")
        self._inner.accounts[wanted.username] = wanted.password
        return send(Account("acc9", wanted.username, "free", ("member",), "pro9", "Main"), 201)

    async def _profiles(self, _request: web.Request) -> web.Response:
        return send(ProfileList(tuple(self._inner.profiles)))

    async def _create_profile(self, request: web.Request) -> web.Response:
        wanted = await read(request, ProfileName)
        if any(one.name == wanted.name for one in self._inner.profiles):
            raise Conflict("You have a profile of this name.")
        made = profile(f"pro{len(self._inner.profiles)}", wanted.name)
        self._inner.profiles.append(made)
        return send(made, 201)

    async def _rename_profile(self, request: web.Request) -> web.Response:
        n = place(self._inner.profiles, request)
        name = (await read(request, ProfileName)).name
        self._inner.profiles[n] = msgspec.structs.replace(self._inner.profiles[n], name=name)
        return send(self._inner.profiles[n])

    async def _delete_profile(self, request: web.Request) -> web.Response:
        del self._inner.profiles[place(self._inner.profiles, request)]
        return web.Response(status=204)

    async def _select_profile(self, request: web.Request) -> web.Response:
        chosen = self._inner.profiles[place(self._inner.profiles, request)]
        self._inner.profile_id = chosen.id
        return web.Response(
            body=msgspec.json.encode(chosen),
            content_type="application/json",
            headers={"X-Headgate-Forget": "acc"},
        )

    async def _keys(self, _request: web.Request) -> web.Response:
        return send(ApiKeyList(tuple(self._inner.keys)))

    async def _create_key(self, request: web.Request) -> web.Response:
        wanted = await read(request, NewApiKey)
        made = ApiKeyMade(
            id=f"key{len(self._inner.keys)}",
            name=wanted.name,
            prefix="hgk_secr",
            scopes=wanted.scopes,
            profile_id="pro",
            created_at=NOW,
            key=KEY,
        )
        self._inner.keys.append(made)
        return send(made, 201)

    async def _revoke_key(self, request: web.Request) -> web.Response:
        del self._inner.keys[place(self._inner.keys, request)]
        return web.Response(status=204)

    async def _sessions(self, _request: web.Request) -> web.Response:
        tokens = list(self._inner.sessions)
        listed = (
            Session(
                id=token,
                kind="web",
                created_at=NOW,
                seen_at=NOW,
                address="192.0.2.0/24",
                client="Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
                current=token == tokens[-1],
            )
            for token in tokens
        )
        return send(SessionList(tuple(listed)))

    async def _end_others(self, _request: web.Request) -> web.Response:
        for token in list(self._inner.sessions)[:-1]:
            del self._inner.sessions[token]
        return web.Response(status=204)

    async def _end_session(self, request: web.Request) -> web.Response:
        if self._inner.sessions.pop(request.match_info["id"], None) is None:
            raise NotFound("There is no such session.")
        return web.Response(status=204)

    async def _change_password(self, request: web.Request) -> web.Response:
        wanted = await read(request, NewPassword)
        if wanted.current_password != self._inner.accounts["owner"]:
            raise Forbidden("This is not your password.")
        self._inner.accounts["owner"] = wanted.new_password
        return web.Response(status=204)

    async def _delete_own(self, request: web.Request) -> web.Response:
        wanted = await read(request, OwnDeletion)
        if wanted.password != self._inner.accounts["owner"]:
            raise InvalidInput(fields={"password": "The present password is wrong."})
        self._inner.sessions.clear()
        return web.Response(status=204)

    async def _audit(self, request: web.Request) -> web.Response:
        start, limit = int(request.query.get("cursor", "0")), int(request.query["limit"])
        own = [item for item in self._inner.audit if "all" in request.query or item.account_id == "acc"]
        after = str(start + limit) if len(own) > start + limit else None
        return send(AuditPage(tuple(own[start : start + limit]), after))


async def read(request: web.Request, type_: type[T]) -> T:
    return msgspec.json.decode(await request.read(), type=type_)


def place(items: list[T], request: web.Request) -> int:
    for n, item in enumerate(items):
        if getattr(item, "id", "") == request.match_info["id"]:
            return n
    raise NotFound("There is no such thing.")

"""What auth says and takes about accounts and what belongs to one: profiles, keys, sessions, its log."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import quote, urlencode

import msgspec

from libs.common.contracts.auth import Account
from libs.common.contracts.client import FOR_ANYBODY, ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity

MAX_NAME_CHARS = 64
"""Of a profile or a key."""
MAX_PROFILES = 20
MAX_API_KEYS = 50
MAX_OPEN_INVITATIONS = 100
MAX_PAGE = 200

Role: TypeAlias = Literal["member", "admin"]
"""What may be given; the owner is made once, by the set-up."""
Tier: TypeAlias = Literal["free", "premium", "api"]
Scope: TypeAlias = Literal["read", "write", "admin"]
"""`read` safe methods, `write` all, `admin` keeps the account's role of an administrator."""

RegistrationMode: TypeAlias = Literal["closed", "invitation", "open"]
REGISTRATION_MODES: Final[tuple[RegistrationMode, ...]] = ("closed", "invitation", "open")
"""Who may make an account of their own; `HEADGATE_REGISTRATION`."""

API_KEY_PREFIX: Final = "hgk_"
"""How every API key begins, so that gateways and people know one when they see it."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=MAX_NAME_CHARS)]
Typed = Annotated[str, msgspec.Meta(max_length=4096)]
"""A name or a password as it came from a keyboard; auth says what is wrong with it."""
InvitationCode = Annotated[str, msgspec.Meta(max_length=128)]
Seconds = Annotated[int, msgspec.Meta(ge=60, le=30 * 86_400)]
Days = Annotated[int, msgspec.Meta(ge=1, le=3650)]


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """An account as an administrator sees it."""

    id: str
    username: str
    role: str
    tier: str
    disabled: bool
    created_at: datetime


class AccountList(msgspec.Struct, frozen=True):
    items: tuple[AccountView, ...]
    next_cursor: str | None = None


class NewAccount(msgspec.Struct, frozen=True, kw_only=True):
    username: Typed
    password: Typed
    role: Role = "member"
    tier: Tier = "free"


class AccountPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What is absent or null stays as it is. A new password signs the account out everywhere."""

    role: Role | None = None
    tier: Tier | None = None
    disabled: bool | None = None
    password: Typed | None = None


class NewInvitation(msgspec.Struct, frozen=True, kw_only=True):
    """Lives a week unless it says otherwise."""

    role: Role = "member"
    tier: Tier = "free"
    expires_in_s: Seconds = 7 * 86_400


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """One that still waits for somebody."""

    id: str
    role: str
    tier: str
    created_by: str
    created_at: datetime
    expires_at: datetime


class InvitationList(msgspec.Struct, frozen=True):
    items: tuple[Invitation, ...]
    next_cursor: str | None = None


class InvitationMade(Invitation, frozen=True, kw_only=True):
    """`code` is shown this once."""

    code: str


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who makes an account of their own. The address feeds the throttle."""

    username: Typed
    password: Typed
    invitation: InvitationCode | None = None
    client_address: str = ""


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    name: str
    is_default: bool
    created_at: datetime


class ProfileList(msgspec.Struct, frozen=True):
    items: tuple[Profile, ...]
    next_cursor: str | None = None


class ProfileName(msgspec.Struct, frozen=True):
    name: Name


class NewApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """Without `expires_in_days` it lives until it is revoked."""

    name: Name
    scopes: Annotated[tuple[Scope, ...], msgspec.Meta(min_length=1, max_length=3)]
    expires_in_days: Days | None = None


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """`prefix` is how the key begins, to tell it from others; the rest is kept nowhere."""

    id: str
    name: str
    prefix: str
    scopes: tuple[str, ...]
    profile_id: str
    created_at: datetime
    expires_at: datetime | None = None
    last_used_at: datetime | None = None


class ApiKeyList(msgspec.Struct, frozen=True):
    items: tuple[ApiKey, ...]
    next_cursor: str | None = None


class ApiKeyMade(ApiKey, frozen=True, kw_only=True):
    """`key` is shown this once."""

    key: str


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """`kind` web is a browser, api a program with tokens. `address` is the network it signed in from."""

    id: str
    kind: Literal["web", "api"]
    created_at: datetime
    seen_at: datetime
    address: str
    client: str
    current: bool


class SessionList(msgspec.Struct, frozen=True):
    items: tuple[Session, ...]
    next_cursor: str | None = None


class NewPassword(msgspec.Struct, frozen=True, kw_only=True):
    """The address feeds the throttle, as at a login."""

    current_password: Typed
    new_password: Typed
    client_address: str = ""


class OwnDeletion(msgspec.Struct, frozen=True, kw_only=True):
    """The address feeds the throttle, as at a login."""

    password: Typed
    client_address: str = ""


class AuditEntry(msgspec.Struct, frozen=True, kw_only=True):
    """`action` is a constant name, `subject` the id of what it was done to, `address` a network."""

    id: str
    at: datetime
    account_id: str
    action: str
    subject: str
    address: str


class AuditPage(msgspec.Struct, frozen=True):
    """Newest first."""

    items: tuple[AuditEntry, ...]
    next_cursor: str | None = None


class AccountsClient:
    """Typed calls about accounts. Auth checks who asks: by role for others', by account for one's own."""

    def __init__(self, service: ServiceClient) -> None:
        self.service = service

    async def list_accounts(
        self, identity: Identity, *, limit: int = 50, cursor: str | None = None, deadline: Deadline
    ) -> AccountList:
        path = _paged("/api/v1/accounts", limit, cursor)
        return await self.service.call("GET", path, identity=identity, deadline=deadline, into=AccountList)

    async def create_account(
        self, identity: Identity, wanted: NewAccount, *, deadline: Deadline
    ) -> AccountView:
        """Raises `Conflict` for a name that is taken, `InvalidInput` for a refused one."""
        return await self.service.call(
            "POST", "/api/v1/accounts", identity=identity, deadline=deadline, body=wanted, into=AccountView
        )

    async def change_account(
        self, identity: Identity, account_id: str, patch: AccountPatch, *, deadline: Deadline
    ) -> AccountView:
        path = _one("accounts", account_id)
        return await self.service.call(
            "PATCH", path, identity=identity, deadline=deadline, body=patch, into=AccountView
        )

    async def delete_account(self, identity: Identity, account_id: str, *, deadline: Deadline) -> None:
        await self._delete(_one("accounts", account_id), identity, deadline)

    async def list_invitations(self, identity: Identity, *, deadline: Deadline) -> InvitationList:
        return await self.service.call(
            "GET", "/api/v1/invitations", identity=identity, deadline=deadline, into=InvitationList
        )

    async def invite(
        self, identity: Identity, wanted: NewInvitation, *, deadline: Deadline
    ) -> InvitationMade:
        """Raises `Conflict` when too many wait already."""
        return await self.service.call(
            "POST",
            "/api/v1/invitations",
            identity=identity,
            deadline=deadline,
            body=wanted,
            into=InvitationMade,
        )

    async def withdraw_invitation(
        self, identity: Identity, invitation_id: str, *, deadline: Deadline
    ) -> None:
        await self._delete(_one("invitations", invitation_id), identity, deadline)

    async def register(self, wanted: Registration, *, deadline: Deadline) -> Account:
        """Raises `Forbidden` when nobody may or the invitation doesn't work, `Conflict`, `RateLimited`."""
        return await self.service.call(
            "POST",
            "/internal/auth/register",
            identity=FOR_ANYBODY,
            deadline=deadline,
            body=wanted,
            into=Account,
        )

    async def list_profiles(self, identity: Identity, *, deadline: Deadline) -> ProfileList:
        return await self.service.call(
            "GET", "/api/v1/profiles", identity=identity, deadline=deadline, into=ProfileList
        )

    async def create_profile(self, identity: Identity, name: str, *, deadline: Deadline) -> Profile:
        """Raises `Conflict` at the most there may be."""
        return await self.service.call(
            "POST",
            "/api/v1/profiles",
            identity=identity,
            deadline=deadline,
            body=ProfileName(name),
            into=Profile,
        )

    async def rename_profile(
        self, identity: Identity, profile_id: str, name: str, *, deadline: Deadline
    ) -> Profile:
        path = _one("profiles", profile_id)
        return await self.service.call(
            "PATCH", path, identity=identity, deadline=deadline, body=ProfileName(name), into=Profile
        )

    async def delete_profile(self, identity: Identity, profile_id: str, *, deadline: Deadline) -> None:
        await self._delete(_one("profiles", profile_id), identity, deadline)

    async def select_profile(self, identity: Identity, profile_id: str, *, deadline: Deadline) -> Profile:
        """The asking session goes on as that profile. Raises `Conflict` for what is no session."""
        path = f"{_one('profiles', profile_id)}/select"
        return await self.service.call("POST", path, identity=identity, deadline=deadline, into=Profile)

    async def list_api_keys(self, identity: Identity, *, deadline: Deadline) -> ApiKeyList:
        return await self.service.call(
            "GET", "/api/v1/api-keys", identity=identity, deadline=deadline, into=ApiKeyList
        )

    async def create_api_key(
        self, identity: Identity, wanted: NewApiKey, *, deadline: Deadline
    ) -> ApiKeyMade:
        """Raises `Conflict` at the most there may be, `Forbidden` for a scope beyond the asker's own."""
        return await self.service.call(
            "POST", "/api/v1/api-keys", identity=identity, deadline=deadline, body=wanted, into=ApiKeyMade
        )

    async def revoke_api_key(self, identity: Identity, key_id: str, *, deadline: Deadline) -> None:
        await self._delete(_one("api-keys", key_id), identity, deadline)

    async def list_sessions(self, identity: Identity, *, deadline: Deadline) -> SessionList:
        return await self.service.call(
            "GET", "/api/v1/sessions", identity=identity, deadline=deadline, into=SessionList
        )

    async def end_session(self, identity: Identity, session_id: str, *, deadline: Deadline) -> None:
        await self._delete(_one("sessions", session_id), identity, deadline)

    async def end_other_sessions(self, identity: Identity, *, deadline: Deadline) -> None:
        await self._delete("/api/v1/sessions", identity, deadline)

    async def change_password(self, identity: Identity, wanted: NewPassword, *, deadline: Deadline) -> None:
        """Ends every other session. Raises `InvalidInput` for a wrong present one, `RateLimited`."""
        await self.service.call(
            "POST",
            "/internal/auth/password",
            identity=identity.as_service(),
            deadline=deadline,
            body=wanted,
            into=type(None),
        )

    async def delete_own(self, identity: Identity, wanted: OwnDeletion, *, deadline: Deadline) -> None:
        """Raises `InvalidInput` for a wrong password, `Forbidden` for the owner, `RateLimited`."""
        await self.service.call(
            "POST",
            "/internal/auth/account/delete",
            identity=identity.as_service(),
            deadline=deadline,
            body=wanted,
            into=type(None),
        )

    async def audit(
        self,
        identity: Identity,
        *,
        limit: int = 50,
        cursor: str | None = None,
        everybody: bool = False,
        deadline: Deadline,
    ) -> AuditPage:
        """What the account did; what `everybody` did, for administrators."""
        path = _paged("/api/v1/audit", limit, cursor, **({"all": "true"} if everybody else {}))
        return await self.service.call("GET", path, identity=identity, deadline=deadline, into=AuditPage)

    async def _delete(self, path: str, identity: Identity, deadline: Deadline) -> None:
        await self.service.call("DELETE", path, identity=identity, deadline=deadline, into=type(None))


def _one(what: str, id_: str) -> str:
    return f"/api/v1/{what}/{quote(id_, safe='')}"


def _paged(path: str, limit: int, cursor: str | None, **more: str) -> str:
    query = {"limit": str(limit), **more}
    if cursor:
        query["cursor"] = cursor
    return f"{path}?{urlencode(query)}"

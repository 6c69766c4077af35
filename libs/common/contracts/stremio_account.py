"""A profile's account at Stremio: how it is connected, its addons, and what is changed there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias
from urllib.parse import quote

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.connections import ConnectionState, Said, WaitingCode
from libs.common.deadline import Deadline
from libs.common.identity import Identity

STREMIO = "/api/v1/connections/stremio"
BASE_HEADER = "X-Headgate-Base"
"""Where the caller reaches this hub: the address of its addon begins with it. Said by the gateway alone."""

PlanAction: TypeAlias = Literal["move", "push", "undo", "restore"]
PlanState: TypeAlias = Literal["planned", "applying", "applied", "refused", "interrupted", "undone"]
Change: TypeAlias = Literal["added", "taken", "removed", "updated", "kept"]
Email: TypeAlias = Annotated[str, msgspec.Meta(min_length=3, max_length=320)]
Password: TypeAlias = Annotated[str, msgspec.Meta(min_length=1, max_length=1000)]


class NewStremio(msgspec.Struct, frozen=True):
    """Exchanged for a key once, and kept nowhere."""

    email: Email
    password: Password

    def __repr__(self) -> str:
        return "NewStremio(hidden)"


class StremioChoices(msgspec.Struct, frozen=True, kw_only=True):
    """`poll`: whether the library there is read for what was watched; `write_back`: whether what is watched
    here is written there."""

    poll: bool = True
    write_back: bool = False


class StremioPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What isn't named stays as it is."""

    poll: bool | msgspec.UnsetType = msgspec.UNSET
    write_back: bool | msgspec.UnsetType = msgspec.UNSET


class StremioView(msgspec.Struct, frozen=True, kw_only=True):
    """`name` is the e-mail address there. `synced_at`: when the library was last read."""

    kind: Literal["stremio"] = "stremio"
    state: ConnectionState = "none"
    waiting: WaitingCode | None = None
    reason: Said | None = None
    name: str = ""
    choices: StremioChoices = StremioChoices()
    connected_at: datetime | None = None
    synced_at: datetime | None = None


class InstalledAddon(msgspec.Struct, frozen=True, kw_only=True):
    """`address` is masked: addresses of addons carry keys. `is_own`: this hub's; `in_headgate`: here, too."""

    name: str
    address: str
    version: str
    official: bool
    protected: bool
    is_own: bool
    in_headgate: bool


class InstalledAddons(msgspec.Struct, frozen=True):
    """In their order at Stremio."""

    items: tuple[InstalledAddon, ...]


class NewPlan(msgspec.Struct, frozen=True, kw_only=True):
    """`backup_id` is needed to restore, and for nothing else."""

    action: PlanAction
    backup_id: str | None = None


class PlanLine(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of one addon at Stremio. `taken`: it is had through Headgate from then on. `reason` says
    why it stays or goes."""

    change: Change
    name: str
    address: str
    official: bool = False
    protected: bool = False
    reason: str = ""


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    """A change to look at before it is made. `lines`: the list at Stremio as it will be, then what leaves it.
    `from_headgate`: the addons that leave Headgate with an undo. `problem` says what went wrong."""

    id: str
    action: PlanAction
    state: PlanState
    lines: tuple[PlanLine, ...] = ()
    from_headgate: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    problem: str = ""
    created_at: datetime
    ended_at: datetime | None = None


class PlanList(msgspec.Struct, frozen=True):
    """Newest first, without what each does."""

    items: tuple[PlanView, ...]


class StremioBackup(msgspec.Struct, frozen=True, kw_only=True):
    """The list as it was before a change. `restorable`: of the account that is connected now."""

    id: str
    action: PlanAction
    addons: int
    made_at: datetime
    restorable: bool


class StremioBackups(msgspec.Struct, frozen=True):
    """Newest first."""

    items: tuple[StremioBackup, ...]


class StremioAccountClient:
    """Calls to sync, with the account's own identity. Raises HeadgateError."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def view(self, identity: Identity, *, deadline: Deadline) -> StremioView:
        return await self._service.call(
            "GET", STREMIO, identity=identity, deadline=deadline, into=StremioView
        )

    async def connect(self, identity: Identity, new: NewStremio, *, deadline: Deadline) -> StremioView:
        return await self._service.call(
            "POST", STREMIO, identity=identity, deadline=deadline, body=new, into=StremioView
        )

    async def connect_by_code(self, identity: Identity, *, deadline: Deadline) -> StremioView:
        return await self._service.call(
            "POST", f"{STREMIO}/link", identity=identity, deadline=deadline, into=StremioView
        )

    async def change(self, identity: Identity, patch: StremioPatch, *, deadline: Deadline) -> StremioView:
        return await self._service.call(
            "PATCH", STREMIO, identity=identity, deadline=deadline, body=patch, into=StremioView
        )

    async def disconnect(self, identity: Identity, *, deadline: Deadline) -> None:
        await self._service.call("DELETE", STREMIO, identity=identity, deadline=deadline, into=type(None))

    async def addons(self, identity: Identity, base_url: str, *, deadline: Deadline) -> InstalledAddons:
        return await self._service.call(
            "GET",
            f"{STREMIO}/addons",
            identity=identity,
            deadline=deadline,
            headers={BASE_HEADER: base_url},
            into=InstalledAddons,
        )

    async def plan(self, identity: Identity, new: NewPlan, base_url: str, *, deadline: Deadline) -> PlanView:
        return await self._service.call(
            "POST",
            f"{STREMIO}/plans",
            identity=identity,
            deadline=deadline,
            headers={BASE_HEADER: base_url},
            body=new,
            into=PlanView,
        )

    async def plans(self, identity: Identity, *, deadline: Deadline) -> PlanList:
        return await self._service.call(
            "GET", f"{STREMIO}/plans", identity=identity, deadline=deadline, into=PlanList
        )

    async def shown_plan(self, identity: Identity, plan_id: str, *, deadline: Deadline) -> PlanView:
        path = f"{STREMIO}/plans/{quote(plan_id, safe='')}"
        return await self._service.call("GET", path, identity=identity, deadline=deadline, into=PlanView)

    async def apply(self, identity: Identity, plan_id: str, *, deadline: Deadline) -> PlanView:
        path = f"{STREMIO}/plans/{quote(plan_id, safe='')}/apply"
        return await self._service.call("POST", path, identity=identity, deadline=deadline, into=PlanView)

    async def backups(self, identity: Identity, *, deadline: Deadline) -> StremioBackups:
        return await self._service.call(
            "GET", f"{STREMIO}/backups", identity=identity, deadline=deadline, into=StremioBackups
        )

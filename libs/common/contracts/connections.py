"""Connections to accounts elsewhere, as their owner sees and changes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias, TypeVar

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.deadline import Deadline
from libs.common.identity import Identity

PATH = "/api/v1/connections"
TRAKT_PATH = f"{PATH}/trakt"

ChoicesT = TypeVar("ChoicesT", bound=msgspec.Struct)
ConnectionKind: TypeAlias = Literal["trakt", "stremio"]
ConnectionState: TypeAlias = Literal["none", "waiting", "connected", "refused"]
EveryS: TypeAlias = Annotated[int, msgspec.Meta(ge=60, le=86_400)]
Credential: TypeAlias = Annotated[
    str, msgspec.Meta(max_length=256, pattern=r"^[\x21-\x7e]*$", examples=["0f3c6a9d2b5e8174"])
]


class Said(msgspec.Struct, frozen=True):
    """Why something is not as it should be: a stable word, and a sentence that says what to do."""

    code: str
    text: str


class ConnectionBrief(msgspec.Struct, frozen=True, kw_only=True):
    """One of the connections of a profile. `name` is what the account there is called, if that is known."""

    kind: ConnectionKind
    state: ConnectionState
    name: str = ""
    reason: Said | None = None
    synced_at: datetime | None = None


class Connections(msgspec.Struct, frozen=True):
    items: tuple[ConnectionBrief, ...]


class NewTrakt(msgspec.Struct, frozen=True, kw_only=True):
    """An application at Trakt that belongs to the user; without a client id the one that was used before.
    Trakt gives a secret to some, and to others none."""

    client_id: Credential = ""
    client_secret: Credential = ""

    def __repr__(self) -> str:
        return "NewTrakt(hidden)"


class TraktChoices(msgspec.Struct, frozen=True, kw_only=True):
    """What the owner of a connection has settled about it. `enabled`: whether it is read every `every_s`;
    the others: what of this profile is told to Trakt."""

    enabled: bool = True
    every_s: EveryS = 300
    scrobble: bool = True
    write_history: bool = True
    write_watchlist: bool = True


class TraktPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What isn't named stays as it is."""

    enabled: bool | msgspec.UnsetType = msgspec.UNSET
    every_s: EveryS | msgspec.UnsetType = msgspec.UNSET
    scrobble: bool | msgspec.UnsetType = msgspec.UNSET
    write_history: bool | msgspec.UnsetType = msgspec.UNSET
    write_watchlist: bool | msgspec.UnsetType = msgspec.UNSET


def patched(choices: ChoicesT, patch: msgspec.Struct) -> ChoicesT:
    """The choices with what `patch` names of them."""
    asked = msgspec.structs.asdict(patch)
    named = {name: value for name, value in asked.items() if value is not msgspec.UNSET}
    return msgspec.structs.replace(choices, **named)


class WaitingCode(msgspec.Struct, frozen=True, kw_only=True):
    """What the user types where, and until when."""

    user_code: str
    verification_url: str
    expires_at: datetime


class TraktView(msgspec.Struct, frozen=True, kw_only=True):
    """A profile's connection to Trakt.

    `reason` says why it is refused, `remark` what went wrong without ending it. `can_resume`: whether it may
    go on as it is once that has changed; otherwise it has to be made anew. `app_ending` is the end of the
    client id.
    """

    kind: Literal["trakt"] = "trakt"
    state: ConnectionState = "none"
    waiting: WaitingCode | None = None
    reason: Said | None = None
    remark: Said | None = None
    can_resume: bool = False
    name: str = ""
    app_ending: str = ""
    choices: TraktChoices = TraktChoices()
    connected_at: datetime | None = None
    synced_at: datetime | None = None
    job_id: str | None = None


class TraktSync(msgspec.Struct, frozen=True):
    """`wake`: a client has just come back; then nothing is done where the state is fresh."""

    wake: bool = False


class TraktSyncing(msgspec.Struct, frozen=True):
    """The run that reads Trakt; None where a client only woke up and the state is fresh."""

    job_id: str | None


class ConnectionsClient:
    """Typed calls about a profile's connections."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def all(self, identity: Identity, *, deadline: Deadline) -> Connections:
        return await self._service.call("GET", PATH, identity=identity, deadline=deadline, into=Connections)

    async def trakt(self, identity: Identity, *, deadline: Deadline) -> TraktView:
        return await self._service.call(
            "GET", TRAKT_PATH, identity=identity, deadline=deadline, into=TraktView
        )

    async def connect_trakt(self, identity: Identity, new: NewTrakt, *, deadline: Deadline) -> TraktView:
        """Raises Conflict for a profile that is connected, InvalidInput for an application that Trakt does
        not take, UpstreamFailed where Trakt can't be asked."""
        return await self._service.call(
            "POST", TRAKT_PATH, identity=identity, deadline=deadline, body=new, into=TraktView
        )

    async def settle_trakt(self, identity: Identity, patch: TraktPatch, *, deadline: Deadline) -> TraktView:
        return await self._service.call(
            "PATCH", TRAKT_PATH, identity=identity, deadline=deadline, body=patch, into=TraktView
        )

    async def disconnect_trakt(self, identity: Identity, *, deadline: Deadline) -> None:
        await self._service.call("DELETE", TRAKT_PATH, identity=identity, deadline=deadline, into=type(None))

    async def sync_trakt(self, identity: Identity, *, deadline: Deadline) -> TraktSyncing:
        """Raises RateLimited where that was done just now, Conflict where something is to be done first."""
        return await self._service.call(
            "POST",
            f"{TRAKT_PATH}/sync",
            identity=identity,
            deadline=deadline,
            body=TraktSync(),
            into=TraktSyncing,
        )

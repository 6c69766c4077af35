"""What belongs to somebody and is taken along: each service tells of its own, row by row, and takes it in
again elsewhere."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Mapping
from datetime import datetime
from typing import Annotated, Final, Literal, TypeAlias
from urllib.parse import quote

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.problems import error_from_problem
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.common.lines import lines_of

EXPORT: Final = "/api/v1/me/export"
IMPORT: Final = "/api/v1/me/import"
FORMAT: Final = 1
PASSPHRASE_HEADER: Final = "Headgate-Passphrase"  # noqa: S105  the name of a header
"""Percent-encoded: a header holds few letters as they are."""
NEW_PROFILE: Final = "new:"
"""How the id begins of a profile that is still to be made, while what would come of it is only looked at."""
KINDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("tmdb_keys", "addons", "library_providers", "row_choices"), "catalog"),
    **dict.fromkeys(("merged_rows", "merged_row_members", "title_choices", "rating_choices"), "catalog"),
    **dict.fromkeys(("viewing_choices", "tmdb_choices"), "catalog"),
    **dict.fromkeys(("viewing_titles", "viewing_videos", "links", "source_settings"), "streaming"),
    **dict.fromkeys(("sync_settings", "sync_networks"), "sync"),
}
"""Of each kind whose it is, in the order in which they are taken in: what others name comes first."""
LINE_BYTES: Final = 1024 * 1024
LINES_BYTES: Final = 64 * 1024
MAX_PROBLEM_BYTES: Final = 64 * 1024

Scalar: TypeAlias = str | int | float | bool | None


class WantedExport(msgspec.Struct, frozen=True, kw_only=True):
    """Without a passphrase, addresses and passwords stay here."""

    passphrase: Annotated[str, msgspec.Meta(min_length=10, max_length=1024)] | None = None

    def __repr__(self) -> str:
        return "WantedExport(hidden)"


class MovingQuery(msgspec.Struct, frozen=True, kw_only=True):
    secrets: bool = False


class MovedRow(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`has_secret`: there is an address or a password to it, which is in `secret` if it was asked for and
    could be opened."""

    kind: str
    body: Mapping[str, Scalar]
    has_secret: bool = False
    secret: str = ""

    def __repr__(self) -> str:
        return f"MovedRow({self.kind})"


class TakeQuery(msgspec.Struct, frozen=True, kw_only=True):
    """`look`: nothing is taken in, only counted."""

    look: bool = False


class TakenCounts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """`there`: it is here already, or what is here is newer. `credentials`: nothing can come of it without
    the address or password that is not in the file. `refused`: it can't be read or reached, or there
    is no room."""

    added: int = 0
    there: int = 0
    credentials: int = 0
    refused: int = 0


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """By kind; and of what has another id here, which."""

    kinds: dict[str, TakenCounts] = {}
    ids: dict[str, str] = {}


MoveState: TypeAlias = Literal["preview", "applying", "applied", "interrupted"]


class MovedProfile(msgspec.Struct, frozen=True, kw_only=True):
    """`is_new`: none of that name is here, so it will be made."""

    name: str
    is_new: bool


class MoveView(msgspec.Struct, frozen=True, kw_only=True):
    """`preview`: by kind what would be added, what is here already, what can't come without its credentials,
    and what can't come at all. `result`: the same of what became of it."""

    id: str
    state: MoveState
    made_at: datetime
    credentials: Literal["left_out", "sealed"]
    profiles: tuple[MovedProfile, ...]
    preview: dict[str, TakenCounts]
    result: dict[str, TakenCounts] | None
    problem: str
    created_at: datetime
    changed_at: datetime


class MoveList(msgspec.Struct, frozen=True):
    items: tuple[MoveView, ...]


_decoder = msgspec.json.Decoder(MovedRow)


def path_of(service: str) -> str:
    return f"/internal/{service}/moving"


async def moved_rows(
    service: ServiceClient, identity: Identity, *, secrets: bool, deadline: Deadline
) -> AsyncGenerator[MovedRow]:
    """What `service` holds of the account, kind by kind. Raises what it answers, and when it breaks off."""
    path = f"{path_of(service.name)}?secrets={'true' if secrets else 'false'}"
    async with service.open("GET", path, identity=identity.as_service(), deadline=deadline) as answer:
        if answer.status >= 400:
            problem = await answer.content.read(MAX_PROBLEM_BYTES)
            raise error_from_problem(answer.status, problem, answer.headers.get("Retry-After"))
        async for line in lines_of(answer.content.iter_any(), longest=LINE_BYTES):
            yield _decoder.decode(line)


async def hand_over(
    service: ServiceClient,
    identity: Identity,
    rows: AsyncIterable[MovedRow],
    *,
    look: bool,
    deadline: Deadline,
) -> Taken:
    """What `service` makes of the rows for the account; twice is once. Raises what it answers."""
    return await service.hand_over(
        f"{path_of(service.name)}?look={'true' if look else 'false'}",
        lines_of_rows(rows),
        "application/x-ndjson",
        identity=identity.as_service(),
        deadline=deadline,
        into=Taken,
    )


async def lines_of_rows(rows: AsyncIterable[MovedRow]) -> AsyncIterator[bytes]:
    """Many at once."""
    held = bytearray()
    async for row in rows:
        held += msgspec.json.encode(row) + b"\n"
        if len(held) >= LINES_BYTES:
            yield bytes(held)
            held.clear()
    if held:
        yield bytes(held)


class MovesClient:
    """Calls to sync as whoever asks. Raises HeadgateError."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def send(
        self, identity: Identity, pieces: AsyncIterable[bytes], passphrase: str, *, deadline: Deadline
    ) -> MoveView:
        return await self._service.hand_over(
            IMPORT,
            pieces,
            "application/zip",
            identity=identity,
            deadline=deadline,
            into=MoveView,
            headers={PASSPHRASE_HEADER: quote(passphrase, safe="")},
        )

    async def listed(self, identity: Identity, *, deadline: Deadline) -> MoveList:
        return await self._service.call("GET", IMPORT, identity=identity, deadline=deadline, into=MoveList)

    async def get(self, identity: Identity, id_: str, *, deadline: Deadline) -> MoveView:
        return await self._service.call("GET", _one(id_), identity=identity, deadline=deadline, into=MoveView)

    async def apply(self, identity: Identity, id_: str, *, deadline: Deadline) -> MoveView:
        return await self._service.call(
            "POST", f"{_one(id_)}/apply", identity=identity, deadline=deadline, into=MoveView
        )

    async def drop(self, identity: Identity, id_: str, *, deadline: Deadline) -> None:
        await self._service.call("DELETE", _one(id_), identity=identity, deadline=deadline, into=type(None))


def _one(id_: str) -> str:
    return f"{IMPORT}/{quote(id_, safe='')}"

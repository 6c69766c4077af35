"""What belongs to somebody and is taken along: each service tells of its own, row by row."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from typing import Annotated, Final, TypeAlias

import msgspec

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.problems import error_from_problem
from libs.common.deadline import Deadline
from libs.common.identity import Identity
from libs.common.lines import lines_of

EXPORT: Final = "/api/v1/me/export"
FORMAT: Final = 1
LINE_BYTES: Final = 1024 * 1024
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

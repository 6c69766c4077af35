"""How a service tells of what it holds of an account, with secrets only where they are wanted, and takes in
what another hub told."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias, TypeVar, cast

import msgspec
import structlog

from libs.common.contracts.moving import LINE_BYTES, LINES_BYTES, MovedRow, Taken, TakenCounts
from libs.common.db import Value
from libs.common.errors import InvalidInput
from libs.common.lines import LineTooLong, lines_of
from libs.common.secrets import SecretBox, SecretsError

ROWS_AT_ONCE = 100

T = TypeVar("T")
Outcome: TypeAlias = Literal["added", "there", "credentials", "refused"]
Take: TypeAlias = Callable[[str, Sequence[MovedRow]], Awaitable[Sequence[Outcome]]]
"""Some rows of one kind, of one profile, in their order."""
_decoder = msgspec.json.Decoder(MovedRow)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where a kind of rows keeps its secret, and for what it was sealed."""

    column: str
    context: Callable[[Mapping[str, Value]], str]


class Rows(Protocol):
    def rows(self, account_id: str) -> AsyncIterable[tuple[str, dict[str, Value]]]:
        """Each with its kind."""


class Telling:
    """What one service tells of an account."""

    def __init__(self, store: Rows, sealed: Mapping[str, Sealed], box: SecretBox) -> None:
        self._store = store
        self._sealed = sealed
        self._box = box

    def lines(self, account_id: str, *, secrets: bool) -> AsyncGenerator[bytes]:
        return told_lines(self._store.rows(account_id), self._sealed, self._box, secrets=secrets)


class Intake(Protocol):
    """One call's. `ids`: what has another id here, filled while rows are taken."""

    @property
    def ids(self) -> Mapping[str, str]: ...

    async def take(self, kind: str, rows: Sequence[MovedRow]) -> Sequence[Outcome]:
        """Some rows of one kind, of one profile, in their order."""


async def told_lines(
    rows: AsyncIterable[tuple[str, dict[str, Value]]],
    sealed: Mapping[str, Sealed],
    box: SecretBox,
    *,
    secrets: bool,
) -> AsyncGenerator[bytes]:
    """Many lines at once. A secret that can't be opened is left out; its row is told."""
    held = bytearray()
    async for kind, row in rows:
        moved = _moved(kind, row, sealed.get(kind), box, secrets=secrets)
        held += msgspec.json.encode(moved) + b"\n"
        if len(held) >= LINES_BYTES:
            yield bytes(held)
            held.clear()
    yield bytes(held)


def _moved(
    kind: str, row: dict[str, Value], sealed: Sealed | None, box: SecretBox, *, secrets: bool
) -> MovedRow:
    body = {name: value for name, value in row.items() if not isinstance(value, bytes)}
    if sealed is None or row[sealed.column] is None:
        return MovedRow(kind=kind, body=body)
    secret = ""
    if secrets:
        try:
            secret = box.open(cast(bytes, row[sealed.column]), context=sealed.context(row)).decode()
        except (SecretsError, UnicodeDecodeError):
            log.warning("moved_secret_unreadable", kind=kind)
    return MovedRow(kind=kind, body=body, has_secret=True, secret=secret)


async def taken_in(pieces: AsyncIterable[bytes], take: Take, ids: Mapping[str, str]) -> Taken:
    """`ids` is looked at when all is taken. Raises InvalidInput, and what `take` raises."""
    counts: defaultdict[str, Counter[Outcome]] = defaultdict(Counter)
    held: list[MovedRow] = []

    async def settle() -> None:
        if held:
            counts[held[0].kind].update(await take(held[0].kind, held))
            held.clear()
            await asyncio.sleep(0)  # what is only refused waits for nothing, and others have their turn

    try:
        async for line in lines_of(pieces, longest=LINE_BYTES):
            row = _decoder.decode(line)
            if len(held) == ROWS_AT_ONCE or (held and _group(held[0]) != _group(row)):
                await settle()
            held.append(row)
    except (LineTooLong, msgspec.MsgspecError) as error:
        raise InvalidInput("What is handed over can't be read.") from error
    await settle()
    return Taken(
        kinds={
            kind: TakenCounts(
                added=found["added"],
                there=found["there"],
                credentials=found["credentials"],
                refused=found["refused"],
            )
            for kind, found in counts.items()
        },
        ids=dict(ids),
    )


def body_as(row: MovedRow, into: type[T]) -> T | None:
    """The row's body without whose it is; None where it is none of that kind, or no table can hold it."""
    body = {name: value for name, value in row.body.items() if name not in ("account_id", "profile_id")}
    if any(isinstance(value, str) and "\0" in value for value in body.values()):
        return None
    try:
        return msgspec.convert(body, into)
    except msgspec.ValidationError:
        return None


def profile_of(row: MovedRow) -> str:
    return str(row.body.get("profile_id", ""))


def _group(row: MovedRow) -> tuple[str, str]:
    return row.kind, profile_of(row)

"""How a service tells of what it holds of an account: lines, with secrets only where they are wanted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterable, Callable, Mapping
from dataclasses import dataclass
from typing import cast

import msgspec
import structlog

from libs.common.contracts.moving import MovedRow
from libs.common.db import Value
from libs.common.secrets import SecretBox, SecretsError

LINES_BYTES = 64 * 1024

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Sealed:
    """Where a kind of rows keeps its secret, and for what it was sealed."""

    column: str
    context: Callable[[Mapping[str, Value]], str]


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

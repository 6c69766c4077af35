"""How a running supervisor is asked for something: one line of JSON over a private socket, lines back."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec
import structlog

from libs.common.errors import StartupRefused

log = structlog.get_logger(__name__)

MAX_LINE_BYTES = 64 * 1024
Verb: TypeAlias = Literal["status", "restart", "stop", "start"]
Say: TypeAlias = Callable[["Said"], None]


class MemberStatus(msgspec.Struct, frozen=True):
    name: str
    state: str
    pid: int
    port: int
    restarts: int


class Status(msgspec.Struct, frozen=True):
    url: str
    https_url: str
    status_url: str
    members: list[MemberStatus]


class Asked(msgspec.Struct, frozen=True):
    """`names` empty means every replica."""

    verb: Verb
    names: list[str] = []


class Said(msgspec.Struct, frozen=True, omit_defaults=True):
    """A sentence on the way, and at the end either the status or why it failed."""

    sentence: str = ""
    status: Status | None = None
    error: str = ""


async def serve_control(
    path: Path, carry_out: Callable[[Asked, Say], Awaitable[Status]]
) -> asyncio.AbstractServer:
    """Answers at `path`, which only this user can reach as the directory is private."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        def say(said: Said) -> None:
            writer.write(msgspec.json.encode(said) + b"\n")

        try:
            asked = msgspec.json.decode(await reader.readline(), type=Asked)
            say(Said(status=await carry_out(asked, say)))
        except StartupRefused as refusal:
            say(Said(error=str(refusal)))
        except Exception as error:  # whatever it is, who asked has to hear of it
            log.exception("cluster_request_failed")
            say(Said(error=str(error) or type(error).__name__))
        finally:
            writer.close()

    return await asyncio.start_unix_server(answer, str(path), limit=MAX_LINE_BYTES)


def ask(path: Path, asked: Asked, *, timeout_s: float) -> Iterator[Said]:
    """What the supervisor says, as it says it. Raises StartupRefused when nobody is there."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(timeout_s)
            connection.connect(str(path))
            connection.sendall(msgspec.json.encode(asked) + b"\n")
            with connection.makefile("rb") as lines:
                for line in lines:
                    yield msgspec.json.decode(line, type=Said)
    except (FileNotFoundError, ConnectionRefusedError) as error:
        raise StartupRefused(
            "No cluster is running on this data directory; start one with: make cluster"
        ) from error

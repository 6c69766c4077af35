"""Answers too large to hold, from servers that behave and from those that don't."""

from __future__ import annotations

import pytest

from deploy.cluster.ports import free_port
from libs.common.http import (
    BlockedAddress,
    BodyTooLarge,
    ConnectionReset,
    Fetcher,
    FetchError,
    FetchLimits,
    TimedOut,
    TooManyRedirects,
    Unreachable,
)
from tests.fakes.misbehaving import MisbehavingServer


async def body(
    fetcher: Fetcher, url: str, *, limits: FetchLimits | None = None, stall_s: float = 5.0
) -> bytes:
    async with fetcher.open(url, limits=limits or FetchLimits(), stall_s=stall_s) as stream:
        assert stream.status == 200
        return b"".join([piece async for piece in stream.pieces()])


async def test_a_good_answer_comes_in_pieces(fetcher: Fetcher, server: MisbehavingServer) -> None:
    assert await body(fetcher, server.url("/ok")) == b'{"ok": true}'
    assert server.requests[-1].headers["accept-encoding"] == "identity"


async def test_what_was_announced_is_known_before(fetcher: Fetcher, server: MisbehavingServer) -> None:
    async with fetcher.open(server.url("/ok")) as stream:
        assert (stream.length, stream.received) == (12, 0)


async def test_redirects_are_followed(fetcher: Fetcher, server: MisbehavingServer) -> None:
    server.redirect_to = "/ok"
    assert await body(fetcher, server.url("/redirect")) == b'{"ok": true}'


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/reset_midway", ConnectionReset),
        ("/truncated", ConnectionReset),
        ("/stall_headers", TimedOut),
        ("/stall_midway", TimedOut),
        ("/redirect_loop", TooManyRedirects),
        ("/endless", BodyTooLarge),
    ],
)
async def test_each_misbehaviour_has_its_name(
    fetcher: Fetcher, server: MisbehavingServer, path: str, error: type[FetchError]
) -> None:
    limits = FetchLimits(max_bytes=100_000, total_s=0.3)
    with pytest.raises(error):
        await body(fetcher, server.url(path), limits=limits, stall_s=0.3)


async def test_a_slow_body_that_keeps_coming_is_waited_for(
    fetcher: Fetcher, server: MisbehavingServer
) -> None:
    """The time of the head doesn't bound it."""
    limits = FetchLimits(total_s=0.3)
    async with fetcher.open(server.url("/drip"), limits=limits, stall_s=5) as stream:
        pieces = aiter(stream.pieces())
        for _ in range(5):
            assert await anext(pieces)


async def test_a_body_that_drips_is_not_waited_for_without_end(
    fetcher: Fetcher, server: MisbehavingServer
) -> None:
    async with fetcher.open(server.url("/drip"), stall_s=60, waits_s=0.2) as stream:
        with pytest.raises(TimedOut):
            async for _ in stream.pieces():
                pass


async def test_nobody_there_and_what_the_guard_refuses(fetcher: Fetcher) -> None:
    with pytest.raises(Unreachable):
        await body(fetcher, f"http://127.0.0.1:{free_port()}/")
    with pytest.raises(BlockedAddress):
        await body(fetcher, "http://169.254.169.254/")

"""Connections that are opened, used once and then held.

`python -m benchmarks.chaos.holder HOST PORT SOURCE N` prints how many it holds, until it is killed.
"""

from __future__ import annotations

import asyncio
import sys

AT_ONCE = 200
REQUEST = b"GET /livez HTTP/1.1\r\nHost: held\r\n\r\n"


async def _hold(host: str, port: int, source: str, count: int) -> None:
    held: list[asyncio.StreamWriter] = []
    turn = asyncio.Semaphore(AT_ONCE)

    async def one() -> None:
        async with turn:
            reader, writer = await asyncio.open_connection(host, port, local_addr=(source, 0))
            writer.write(REQUEST)
            answer = await reader.readuntil(b"\r\n")
            if b" 200 " in answer:
                held.append(writer)

    await asyncio.gather(*(one() for _ in range(count)), return_exceptions=True)
    print(len(held), flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_hold(sys.argv[1], int(sys.argv[2]), sys.argv[3], int(sys.argv[4])))

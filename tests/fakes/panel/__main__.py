"""A panel in a process of its own: `python -m tests.fakes.panel --films 150000 --keep FOLDER`.

It writes its address once it listens, is a day further at each SIGUSR1, and ends at SIGTERM.
"""

from __future__ import annotations

import argparse
import asyncio
import signal
from pathlib import Path

from libs.common.clock import SystemClock
from tests.fakes.panel import kept
from tests.fakes.panel.accounts import YEAR_S, Account
from tests.fakes.panel.generator import Library
from tests.fakes.panel.panel import FakePanel


async def serve(asked: argparse.Namespace) -> None:
    library = Library(
        seed=asked.seed,
        films=asked.films,
        channels=asked.channels,
        series=asked.series,
        flavour=asked.flavour,
    )
    clock = SystemClock()
    panel = FakePanel(library, Account(expires_at=int(clock.time()) + YEAR_S), clock=clock)
    panel.port, panel.kept_in = asked.port, asked.keep
    done, loop = asyncio.Event(), asyncio.get_running_loop()

    def tell() -> None:
        if asked.keep is not None:
            kept.write(asked.keep, panel.library)
        print(panel.url, len(panel.library.days), flush=True)  # noqa: T201  who started it waits for the line

    def next_day() -> None:
        panel.library = panel.library.evolved(len(panel.library.days) + 1, asked.share)
        tell()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)
    loop.add_signal_handler(signal.SIGUSR1, next_day)
    async with panel:
        tell()
        await done.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.fakes.panel")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--films", type=int, default=300)
    parser.add_argument("--channels", type=int, default=100)
    parser.add_argument("--series", type=int, default=50)
    parser.add_argument("--flavour", choices=("xc", "xui"), default="xc")
    parser.add_argument("--share", type=float, default=0.01, help="of the rows that a day changes")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--keep", type=Path, help="a folder where lists are written once")
    asyncio.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()

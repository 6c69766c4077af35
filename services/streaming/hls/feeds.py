"""What ffmpeg may read: a file that is open, or an address of this process alone that leads to one source.

ffmpeg itself reaches no other machine. Whatever it reads there was asked for by the hub, through the guard.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from libs.common.errors import HeadgateError, NotFound
from libs.common.secrets import new_token
from services.streaming.hls.commands import Input
from services.streaming.hls.origins import Origins
from services.streaming.hls.tickets import Link, Local, Origin

PATH = "/feed/"


@dataclass(slots=True)
class Feed:
    """One reader's. `failure` is why the last thing that it asked for could not be had."""

    origin: Link
    failure: HeadgateError | None = None


@dataclass(slots=True)
class Given:
    """What a program opens, and the feed behind it, if there is one."""

    input: Input
    feed: Feed | None = None

    @property
    def failure(self) -> HeadgateError | None:
        return self.feed.failure if self.feed is not None else None


class Feeds:
    """`address` is where they are answered: known once that server listens."""

    def __init__(self, origins: Origins) -> None:
        self._origins = origins
        self._feeds: dict[str, Feed] = {}
        self.address = ""

    @asynccontextmanager
    async def given(self, origin: Origin) -> AsyncIterator[Given]:
        """For as long as the block lasts. Raises HeadgateError."""
        if isinstance(origin, Local):
            with await self._origins.opened(origin) as file:
                yield Given(Input.of_descriptor(file.fileno()))
            return
        token = new_token(bytes_=18)
        feed = self._feeds[token] = Feed(origin)
        try:
            yield Given(Input.of_feed(f"{self.address}{PATH}{token}"), feed)
        finally:
            del self._feeds[token]

    def of(self, token: str) -> Feed:
        """Raises NotFound."""
        feed = self._feeds.get(token)
        if feed is None:
            raise NotFound("Nothing is read here.")
        return feed

"""Mixed load on a hub from many clients at once, every answer counted: what a restart costs its users."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
from yarl import URL

from libs.common.http import ClientSession, make_session

PAUSE_S = 0.02
"""Between two requests of a client: load enough to be lost in, and time for what is restarted to start."""


@dataclass(frozen=True)
class Question:
    """`repeatable` sends a new Idempotency-Key with each request."""

    method: str
    path: str
    body: Any = None
    repeatable: bool = False


@dataclass
class Load:
    """What has been answered so far. Whatever is no success, refusals included, is a failure."""

    session: ClientSession
    base: str
    questions: Sequence[Question]
    headers: dict[str, str]
    pause_s: float = PAUSE_S
    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: list[tuple[float, str]] = field(default_factory=list)
    asked: int = 0
    """Requests that have ended, well or not."""
    started: float = field(default_factory=time.perf_counter)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)
    _stopped: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def answered(self) -> int:
        return self.statuses.total()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self.started

    def failed_since(self, moment: float) -> list[tuple[float, str]]:
        return [failure for failure in self.failures if failure[0] >= moment]

    async def more(self, requests: int) -> None:
        """Returns when so many requests more have been answered, well or not."""
        wanted = self.asked + requests
        while self.asked < wanted:  # noqa: ASYNC110  the load itself is what is waited for
            await asyncio.sleep(0.02)

    async def run_client(self) -> None:
        while not self._stopped.is_set():
            number = next(self._numbers)
            await self._ask(self.questions[number % len(self.questions)], number)
            self.asked += 1
            await asyncio.sleep(self.pause_s)

    async def _ask(self, question: Question, number: int) -> None:
        headers = dict(self.headers)
        if question.repeatable:
            headers["Idempotency-Key"] = f'"{id(self):x}-{number}"'
        url = URL(self.base + question.path, encoded=True)
        try:
            async with self.session.request(
                question.method, url, json=question.body, headers=headers, timeout=aiohttp.ClientTimeout(30)
            ) as answer:
                body = await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            self.failures.append((self.seconds, f"{question.method} {question.path}: {error!r}"))
            return
        self.statuses[question.method, answer.status] += 1
        if answer.status >= 400:
            told = f"{answer.status} Retry-After: {answer.headers.get('Retry-After', 'none')} "
            told += body[:300].decode(errors="replace")
            self.failures.append((self.seconds, f"{question.method} {question.path}: {told}"))

    def stop(self) -> None:
        self._stopped.set()


@asynccontextmanager
async def load(
    base: str,
    questions: Sequence[Question],
    *,
    clients: int,
    headers: dict[str, str],
    pause_s: float = PAUSE_S,
) -> AsyncIterator[Load]:
    """Runs while inside; afterwards every request that was begun has ended."""
    async with make_session(limit=0, limit_per_host=0) as session:
        running = Load(session, base, questions, headers, pause_s)
        async with asyncio.TaskGroup() as group:
            for _ in range(clients):
                group.create_task(running.run_client())
            try:
                yield running
            finally:
                running.stop()

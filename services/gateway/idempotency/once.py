"""A change is carried out by one asker at a time, and whoever asks again is given the first answer."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Literal

import msgspec
import structlog

from libs.common.clock import Clock
from libs.common.deadline import Deadline
from libs.common.metrics import Metrics
from libs.common.redis import RedisOut
from libs.common.secrets import SecretBox, SecretsError, new_token
from libs.common.tasks import Tasks
from services.gateway.errors import IdempotencyKeyInUse, IdempotencyKeyReused
from services.gateway.idempotency.model import KEEP_S, LEASE_S, Change, KeptAnswer
from services.gateway.idempotency.store import Store

LOOK_S = (0.05, 0.5)
"""First and longest pause between two looks whether the other asker has its answer."""

log = structlog.get_logger(__name__)

NotKept = Literal["not_final", "too_large"]
CarryOut = Callable[[], Awaitable[KeptAnswer | NotKept]]
"""The answer to keep, or why there is none. One that is not final is not meant to be repeated."""


class Once:
    """While Redis is out every request is carried out, as if it had no key. Its answer is kept all the same
    if Redis is back by then, or had made the claim and just said so too late.

    Answers are sealed with the hub's key before they are stored: some hold what is shown only once, and
    whoever can read Redis must not get it.
    """

    def __init__(self, store: Store, *, box: SecretBox, clock: Clock, tasks: Tasks, metrics: Metrics) -> None:
        self._store = store
        self._box = box
        self._clock = clock
        self._tasks = tasks
        counter = metrics.counter(
            "idempotent_requests",
            "Changes asked for with an Idempotency-Key, by what came of it.",
            ("outcome",),
        )
        outcomes = ("carried_out", "replayed", "in_use", "reused", "unguarded", "not_kept")
        self._count = {outcome: counter.labels(outcome).inc for outcome in outcomes}

    async def run(self, change: Change, carry_out: CarryOut, *, deadline: Deadline) -> KeptAnswer | None:
        """The first answer if there is one; None after `carry_out` was called, which then has the answer.

        Raises IdempotencyKeyReused, IdempotencyKeyInUse, and whatever `carry_out` raises.
        """
        holder = new_token(bytes_=12)
        try:
            kept = await self._claimed(change, holder, deadline)
        except RedisOut:
            self._count["unguarded"]()
        else:
            if kept is not None:
                self._count["replayed"]()
                return kept
            self._count["carried_out"]()
        await self._carry_out(change, holder, carry_out)
        return None

    async def _claimed(self, change: Change, holder: str, deadline: Deadline) -> KeptAnswer | None:
        """Waits while somebody else carries it out. None: the claim is ours."""
        pause_s, longest_s = LOOK_S
        while True:
            found = await self._store.claim(change, holder, LEASE_S)
            if isinstance(found, bytes):
                kept = self._opened(change, found)
                if kept is not None:
                    return kept
                raise IdempotencyKeyInUse("The answer under this Idempotency-Key can't be read any more.")
            if found == "mine":
                return None
            if found == "other":
                self._count["reused"]()
                raise IdempotencyKeyReused("This Idempotency-Key was sent with another body before.")
            if deadline.remaining_s <= pause_s:
                self._count["in_use"]()
                raise IdempotencyKeyInUse(
                    "The first request with this Idempotency-Key is still under way.", retry_after_s=1
                )
            await self._clock.sleep(pause_s)
            pause_s = min(2 * pause_s, longest_s)

    async def _carry_out(self, change: Change, holder: str, carry_out: CarryOut) -> None:
        renewing = self._tasks.spawn("renew_idempotency_claim", self._renew(change, holder))
        answer: KeptAnswer | NotKept = "not_final"
        try:
            answer = await carry_out()
        finally:
            renewing.cancel()
            if not await self._settled(change, holder, answer):
                self._count["not_kept"]()

    async def _settled(self, change: Change, holder: str, answer: KeptAnswer | NotKept) -> bool:
        """Whether whoever repeats the request is answered as was promised."""
        try:
            if isinstance(answer, KeptAnswer):
                sealed = self._box.seal(msgspec.msgpack.encode(answer), context=_context(change))
                return await self._store.keep(change, holder, sealed, KEEP_S)
            await self._store.release(change, holder)
        except RedisOut:  # the claim ends by itself
            return not isinstance(answer, KeptAnswer)
        return answer == "not_final"

    async def _renew(self, change: Change, holder: str) -> None:
        while True:
            await self._clock.sleep(LEASE_S / 3)
            with suppress(RedisOut):
                await self._store.renew(change, holder, LEASE_S)

    def _opened(self, change: Change, sealed: bytes) -> KeptAnswer | None:
        try:
            opened = self._box.open(sealed, context=_context(change))
            return msgspec.msgpack.decode(opened, type=KeptAnswer)
        except (SecretsError, msgspec.DecodeError) as error:
            log.warning("kept_answer_unreadable", reason=type(error).__name__)
            return None


def _context(change: Change) -> str:
    return f"idempotency:answer:{change.id}"

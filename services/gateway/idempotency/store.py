"""Where claims and answers are kept, and the store of a hub that runs once: this process's memory."""

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from libs.common.clock import Clock
from services.gateway.idempotency.model import Change

Verdict: TypeAlias = Literal["mine", "busy", "other"]
"""Of a claim: made, held by somebody else, or refused since the key came with something else before."""

OVERHEAD_BYTES = 600
MAX_BYTES = 16 * 1024 * 1024
MAX_ACCOUNT_BYTES = MAX_BYTES // 4
"""Kept for one account at a time."""


class Store(Protocol):
    """Claims end by themselves unless renewed; answers stay for `keep_s`. All calls are atomic."""

    async def claim(self, change: Change, holder: str, lease_s: float) -> Verdict | bytes:
        """The answer that is kept, or what becomes of the claim."""
        ...

    async def renew(self, change: Change, holder: str, lease_s: float) -> None:
        """Does nothing for who holds no claim."""
        ...

    async def keep(self, change: Change, holder: str, answer: bytes, keep_s: float) -> bool:
        """Ends the holder's claim. If somebody else has one by now, theirs counts.

        False: it is not kept, since the account has too much here already or the claim was lost.
        """
        ...

    async def release(self, change: Change, holder: str) -> None:
        """Ends the holder's claim with nothing to repeat."""
        ...


@dataclass(slots=True)
class _Record:
    fingerprint: str
    holder: str
    until: float
    answer: bytes | None = None

    @property
    def bytes(self) -> int:
        return OVERHEAD_BYTES + len(self.answer or b"")


class MemoryStore:
    """Bounded in bytes: one account gets no more than its share, and when all have too much together, the
    oldest answers of whoever has most give way. A claim is never taken away: its request is under way."""

    def __init__(
        self, clock: Clock, *, max_bytes: int = MAX_BYTES, max_account_bytes: int = MAX_ACCOUNT_BYTES
    ) -> None:
        self._clock = clock
        self._max_bytes = max_bytes
        self._max_account_bytes = max_account_bytes
        self._accounts: dict[str, _Account] = {}

    @property
    def held_bytes(self) -> int:
        return sum(account.bytes for account in self._accounts.values())

    async def claim(self, change: Change, holder: str, lease_s: float) -> Verdict | bytes:
        record = self._alive(change)
        if record is None:
            until = self._clock.monotonic() + lease_s
            self._account(change).put(change.id, _Record(change.fingerprint, holder, until))
            return "mine"
        if record.fingerprint != change.fingerprint:
            return "other"
        return "busy" if record.answer is None else record.answer

    async def renew(self, change: Change, holder: str, lease_s: float) -> None:
        record = self._alive(change)
        if record is not None and record.answer is None and record.holder == holder:
            record.until = self._clock.monotonic() + lease_s

    async def keep(self, change: Change, holder: str, answer: bytes, keep_s: float) -> bool:
        record = self._alive(change)
        if record is not None and record.holder != holder:
            return False
        account, now = self._account(change), self._clock.monotonic()
        account.drop(change.id)
        account.drop_ended(now)
        kept = _Record(change.fingerprint, holder, now + keep_s, answer)
        if account.bytes + kept.bytes > self._max_account_bytes:
            self._part_with_empty(change)
            return False
        account.put(change.id, kept)
        self._make_room()
        return True

    async def release(self, change: Change, holder: str) -> None:
        record = self._alive(change)
        if record is not None and record.answer is None and record.holder == holder:
            self._account(change).drop(change.id)
            self._part_with_empty(change)

    def _account(self, change: Change) -> "_Account":
        return self._accounts.setdefault(change.account_id, _Account())

    def _alive(self, change: Change) -> _Record | None:
        account = self._accounts.get(change.account_id)
        record = account.records.get(change.id) if account is not None else None
        if account is not None and record is not None and record.until <= self._clock.monotonic():
            account.drop(change.id)
            self._part_with_empty(change)
            return None
        return record

    def _part_with_empty(self, change: Change) -> None:
        if not self._account(change).records:
            del self._accounts[change.account_id]

    def _make_room(self) -> None:
        while self.held_bytes > self._max_bytes:
            most = max(self._accounts.values(), key=lambda account: account.answer_bytes)
            if not most.drop_oldest_answer():
                return


class _Account:
    """What one account has here, oldest first."""

    def __init__(self) -> None:
        self.records: dict[str, _Record] = {}
        self.bytes = 0
        self.answer_bytes = 0

    def put(self, id_: str, record: _Record) -> None:
        self.drop(id_)
        self.records[id_] = record
        self._count(record, 1)

    def drop(self, id_: str) -> None:
        record = self.records.pop(id_, None)
        if record is not None:
            self._count(record, -1)

    def drop_ended(self, now: float) -> None:
        for id_ in [id_ for id_, record in self.records.items() if record.until <= now]:
            self.drop(id_)

    def drop_oldest_answer(self) -> bool:
        oldest = next((id_ for id_, record in self.records.items() if record.answer is not None), None)
        if oldest is None:
            return False
        self.drop(oldest)
        return True

    def _count(self, record: _Record, sign: int) -> None:
        self.bytes += sign * record.bytes
        self.answer_bytes += sign * record.bytes * (record.answer is not None)

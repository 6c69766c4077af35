"""What is to reach Trakt: the row is the truth about it, from the event that told it to the end."""

# ruff: noqa: S608  # only fixed column lists and names of kinds are put into statements

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from libs.common.contracts.removals import Removal
from libs.common.db import Database, Queries, Row, Value
from libs.common.deadline import Deadline
from services.sync.model import Owner
from services.sync.outgoing_model import (
    ADDS,
    LIVE,
    MAX_DEAD,
    MAX_WAITING,
    Kind,
    NewOutgoing,
    Outgoing,
    Queue,
    Thing,
)
from services.sync.store.owned import OWNED, bound, gone_with

_COLUMNS: Final = "id, account_id, profile_id, seq, at, kind, item, share, state, sent_at, landed_at, reason"
_ADD: Final = (
    "INSERT INTO outgoing (account_id, profile_id, seq, at, kind, item, share, state, sent_at, reason)"
    " VALUES (:account_id, :profile_id, :seq, :at, :kind, :item, :share, 'waiting', :now, '')"
    " ON CONFLICT (seq, at) DO NOTHING RETURNING id"
)
_BEGIN: Final = (
    "INSERT INTO outgoing_senders (account_id, profile_id, lease_owner, lease_until, not_before, failures,"
    " reason, dropped) VALUES (:account_id, :profile_id, '', 0, 0, 0, '', 0)"
    " ON CONFLICT (account_id, profile_id) DO UPDATE SET dropped = outgoing_senders.dropped"
)
_END: Final = "UPDATE outgoing SET state = 'done', reason = :reason, sent_at = :now WHERE "
_BEYOND: Final = (
    f"{_END}{OWNED} AND state = :state AND seq <= (SELECT seq FROM outgoing WHERE {OWNED}"
    " AND state = :state ORDER BY seq DESC LIMIT 1 OFFSET :most)"
)
_SHARED: Final = (
    "(account_id, profile_id) IN (SELECT CAST(:account_id AS TEXT), CAST(:profile_id AS TEXT)"
    " UNION SELECT theirs.account_id, theirs.profile_id FROM trakt_connections mine JOIN trakt_connections"
    " theirs ON theirs.trakt_user = mine.trakt_user WHERE mine.account_id = :account_id"
    " AND mine.profile_id = :profile_id AND mine.trakt_user <> '')"
)
"""Of all who write into the history that the owner's connection writes into."""
_UNSENT: Final = "state IN ('waiting', 'sending')"


class OutgoingStore:
    """What is of one owner is always asked for by account and profile."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def take(self, news: Sequence[NewOutgoing], now: int) -> int:
        """Keeps what was not told before, without what it makes pointless; how many were new."""
        owners = sorted({new.owner for new in news}, key=lambda one: (one.account_id, one.profile_id))
        taken = 0
        async with self._db.transaction() as tx:
            # The row is locked: what is superseded here can't be begun to be sent meanwhile.
            await tx.execute_many(_BEGIN, [bound(owner) for owner in owners])
            for new in sorted(news, key=lambda one: one.seq):
                row = await tx.fetch_one(_ADD, **_values(new), now=now)
                if row is not None:
                    taken += 1
                    await _supersede(tx, new, row["id"], now)
            for owner in owners:
                await self._bound_waiting(tx, owner, now)
        return taken

    async def head(self, owner: Owner) -> Outgoing | None:
        """What is to be sent next, or was begun to be."""
        row = await self._db.fetch_one(
            f"SELECT {_COLUMNS} FROM outgoing WHERE {OWNED} AND {_UNSENT} ORDER BY seq, id LIMIT 1",
            **bound(owner),
        )
        return None if row is None else _outgoing(row)

    async def begin(self, one: Outgoing, sender: str, now: int) -> bool:
        """On disk before anything is sent. False if it is no longer `sender`'s to send, or pointless."""
        changed = await self._db.execute(
            f"UPDATE outgoing SET state = 'sending', sent_at = :now WHERE id = :id AND {OWNED}"
            f" AND {_UNSENT} AND EXISTS (SELECT 1 FROM outgoing_senders s WHERE"
            " s.account_id = outgoing.account_id AND s.profile_id = outgoing.profile_id"
            " AND s.lease_owner = :sender AND s.lease_until > :now)",
            **bound(one.owner),
            id=one.id,
            now=now,
            sender=sender,
        )
        return changed == 1

    async def end(self, one: Outgoing, now: int, *, landed_at: int | None = None, reason: str = "") -> None:
        """It is done, or needs not be."""
        await self._db.execute(
            f"UPDATE outgoing SET state = 'done', sent_at = :now, landed_at = CAST(:landed_at AS BIGINT),"
            f" reason = :reason WHERE id = :id AND {OWNED} AND {_UNSENT}",
            **bound(one.owner),
            id=one.id,
            now=now,
            landed_at=landed_at,
            reason=reason,
        )

    async def wait_again(self, one: Outgoing) -> None:
        """It is known not to have been done."""
        await self._db.execute(
            f"UPDATE outgoing SET state = 'waiting' WHERE id = :id AND {OWNED} AND state = 'sending'",
            **bound(one.owner),
            id=one.id,
        )

    async def left_open(self, one: Outgoing, sent_at: int) -> None:
        """Nobody knows whether it was done; `sent_at` is what the next who looks at it goes by."""
        await self._db.execute(
            f"UPDATE outgoing SET sent_at = :sent_at WHERE id = :id AND {OWNED} AND state = 'sending'",
            **bound(one.owner),
            id=one.id,
            sent_at=sent_at,
        )

    async def bury(self, one: Outgoing, reason: str, now: int) -> None:
        """It can't be done, until its owner says to try again. Of many the oldest are dropped."""
        async with self._db.transaction() as tx:
            await tx.execute(
                f"UPDATE outgoing SET state = 'dead', reason = :reason, sent_at = :now"
                f" WHERE id = :id AND {OWNED} AND {_UNSENT}",
                **bound(one.owner),
                id=one.id,
                reason=reason,
                now=now,
            )
            await _drop_beyond(tx, one.owner, "dead", MAX_DEAD, now)

    async def landed(self, one: Outgoing, from_ms: int, until_ms: int) -> int:
        """How many other plays of the thing are known to stand there between the two times, whichever profile
        of the same account there sent them: those that were not taken away since."""
        row = await self._db.fetch_one(
            f"SELECT COUNT(*) AS plays FROM outgoing WHERE {_SHARED} AND item = :item AND state = 'done'"
            f" AND id <> :id AND landed_at >= :from_ms AND landed_at < :until_ms AND kind IN {_in(ADDS)}"
            f" AND seq > COALESCE((SELECT MAX(seq) FROM outgoing WHERE {_SHARED} AND item = :item"
            " AND kind = 'unmark' AND state = 'done' AND reason = ''), 0)",
            **bound(one.owner),
            item=one.thing.key,
            id=one.id,
            from_ms=from_ms,
            until_ms=until_ms,
        )
        return 0 if row is None else int(row["plays"])

    async def dead(self, owner: Owner, limit: int) -> list[Outgoing]:
        """The newest first."""
        rows = await self._db.fetch_all(
            f"SELECT {_COLUMNS} FROM outgoing WHERE {OWNED} AND state = 'dead'"
            " ORDER BY seq DESC, id DESC LIMIT :limit",
            **bound(owner),
            limit=limit,
        )
        return [_outgoing(row) for row in rows]

    async def resend(self, owner: Owner, id_: int) -> bool:
        """As what nobody knows the outcome of: a play is looked for first."""
        changed = await self._db.execute(
            f"UPDATE outgoing SET state = 'sending', reason = '' WHERE id = :id AND {OWNED}"
            " AND state = 'dead'",
            **bound(owner),
            id=id_,
        )
        return changed == 1

    async def drop(self, owner: Owner, id_: int, now: int) -> bool:
        changed = await self._db.execute(
            f"{_END} id = :id AND {OWNED} AND state = 'dead'",
            **bound(owner),
            id=id_,
            now=now,
            reason="dropped",
        )
        return changed == 1

    async def queue(self, owner: Owner) -> Queue:
        counted = await self._db.fetch_one(
            f"SELECT COUNT(CASE WHEN {_UNSENT} THEN 1 END) AS waiting,"
            " COUNT(CASE WHEN state = 'dead' THEN 1 END) AS dead,"
            f" MIN(CASE WHEN {_UNSENT} THEN at END) AS oldest_at FROM outgoing"
            f" WHERE {OWNED} AND state IN ('waiting', 'sending', 'dead')",
            **bound(owner),
        )
        sender = await self._db.fetch_one(
            f"SELECT not_before, failures, reason, dropped FROM outgoing_senders WHERE {OWNED}",
            **bound(owner),
        )
        if counted is None or sender is None:
            return Queue()
        return Queue(**dict(counted), **dict(sender))

    async def forget(self, owner: Owner, *, ended: str) -> None:
        """Everything of an owner whose connection has ended: none of it is meant for another account there.
        What waits for another that there is by now stays."""
        for table in ("outgoing", "outgoing_senders"):
            await self._db.execute(
                f"DELETE FROM {table} WHERE {OWNED} AND NOT EXISTS (SELECT 1 FROM trakt_connections t"
                " WHERE t.account_id = :account_id AND t.profile_id = :profile_id AND t.id <> :ended)",
                **bound(owner),
                ended=ended,
            )

    async def forget_owner(self, removal: Removal, _deadline: Deadline) -> None:
        gone, names = gone_with(removal)
        for table in ("outgoing", "outgoing_senders"):
            await self._db.execute(f"DELETE FROM {table} WHERE {gone}", **names)

    async def forget_done(self, before: int) -> int:
        """Rows of what was done long ago."""
        return await self._db.execute(
            "DELETE FROM outgoing WHERE state = 'done' AND sent_at < :before", before=before
        )

    @staticmethod
    async def _bound_waiting(tx: Queries, owner: Owner, now: int) -> None:
        await _drop_beyond(tx, owner, "waiting", MAX_WAITING, now)


async def _supersede(tx: Queries, new: NewOutgoing, id_: int, now: int) -> None:
    """Ends what waits and is pointless by now, and the new one itself where the two come to nothing."""
    if new.kind in (*LIVE, *ADDS):
        # Where a player was is of no use when it is known where it is.
        await _end_waiting(tx, new, LIVE, "superseded", now)
    if new.kind == "unmark":
        # By hand it was marked when it was not watched: without both it is as it was before.
        cancels = await _end_waiting(tx, new, ("mark",), "cancelled", now)
        await _end_waiting(tx, new, ("play",), "cancelled", now)
        if cancels:
            await _end_itself(tx, id_, now)
    elif new.kind in _OPPOSITES and await _end_waiting(tx, new, (_OPPOSITES[new.kind],), "cancelled", now):
        await _end_itself(tx, id_, now)


_OPPOSITES: Final[dict[Kind, Kind]] = {"mark": "unmark", "list": "unlist", "unlist": "list"}


async def _end_waiting(tx: Queries, new: NewOutgoing, kinds: Sequence[Kind], reason: str, now: int) -> int:
    return await tx.execute(
        f"{_END}{OWNED} AND item = :item AND state = 'waiting' AND kind IN {_in(kinds)} AND seq < :seq",
        **bound(new.owner),
        item=new.thing.key,
        seq=new.seq,
        reason=reason,
        now=now,
    )


async def _end_itself(tx: Queries, id_: int, now: int) -> None:
    await tx.execute(f"{_END} id = :id", id=id_, reason="cancelled", now=now)


async def _drop_beyond(tx: Queries, owner: Owner, state: str, most: int, now: int) -> None:
    dropped = await tx.execute(_BEYOND, **bound(owner), state=state, most=most, reason="too many", now=now)
    if dropped:
        await tx.execute(
            f"UPDATE outgoing_senders SET dropped = dropped + :more WHERE {OWNED}",
            **bound(owner),
            more=dropped,
        )


def _in(kinds: Iterable[Kind]) -> str:
    return "(" + ", ".join(f"'{kind}'" for kind in kinds) + ")"


def _values(new: NewOutgoing) -> dict[str, Value]:
    return {
        **bound(new.owner),
        "seq": new.seq,
        "at": new.at,
        "kind": new.kind,
        "item": new.thing.key,
        "share": new.share,
    }


def _outgoing(row: Row) -> Outgoing:
    return Outgoing(
        owner=Owner(row["account_id"], row["profile_id"]),
        id=row["id"],
        seq=row["seq"],
        at=row["at"],
        kind=row["kind"],
        thing=Thing.of_key(row["item"]),
        share=row["share"],
        state=row["state"],
        sent_at=row["sent_at"],
        landed_at=row["landed_at"],
        reason=row["reason"],
    )

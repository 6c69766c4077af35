"""What every store of auth stands on: the database, the clock, new ids, the audit log, a new account."""

from __future__ import annotations

from collections.abc import Callable

from libs.common.clock import Clock, epoch_ms
from libs.common.db import Database, Queries, Row
from libs.common.identity import Identity
from libs.common.secrets import new_token
from services.auth.errors import WrongCredentials
from services.auth.model import DEFAULT_PROFILE, Account, Username

ACCOUNT = (
    "a.id AS account_id, a.username, a.tier, a.role, a.password_hash,"
    " a.disabled_at, p.id AS profile_id, p.name AS profile_name, p.is_default"
)
"""The columns `account_of` reads, of accounts `a` and profiles `p`."""


MOST_ENTRIES = 2_000
"""Log entries of one kind by one account. By kind, or who repeats one could push out what else was done."""


def _random_id() -> str:
    return new_token(bytes_=12)  # 96 bits: none is ever drawn twice


class Store:
    """Each method of a store is one transaction at most. Times are epoch milliseconds."""

    def __init__(self, db: Database, clock: Clock, *, new_id: Callable[[], str] = _random_id) -> None:
        self.db = db
        self.new_id = new_id
        self._clock = clock

    def now_ms(self) -> int:
        return epoch_ms(self._clock)

    async def note(
        self,
        queries: Queries,
        action: str,
        *,
        account_id: str = "",
        address: str = "",
        subject: str = "",
    ) -> None:
        """Write a row of the audit log, in the transaction of what it tells about; the oldest make room."""
        await queries.execute(
            "INSERT INTO audit_log (id, at, account_id, action, address, subject)"
            " VALUES (:id, :now, :account_id, :action, :address, :subject)",
            id=self.new_id(),
            now=self.now_ms(),
            account_id=account_id,
            action=action,
            address=address,
            subject=subject,
        )
        await queries.execute(
            "DELETE FROM audit_log WHERE account_id = :account_id AND action = :action AND at <"
            " (SELECT at FROM audit_log WHERE account_id = :account_id AND action = :action"
            " ORDER BY at DESC LIMIT 1 OFFSET :more)",
            account_id=account_id,
            action=action,
            more=MOST_ENTRIES - 1,
        )

    async def note_by(self, queries: Queries, action: str, by: Identity, *, subject: str = "") -> None:
        """An entry about what somebody signed in has done."""
        await self.note(queries, action, account_id=by.account_id, address=by.network, subject=subject)

    async def add_account(
        self, queries: Queries, username: Username, password_hash: str, *, role: str, tier: str
    ) -> Account:
        """With its default profile. Raises UniqueViolation for a name that is taken."""
        account = Account(
            id=self.new_id(),
            username=username.shown,
            tier=tier,
            role=role,
            profile_id=self.new_id(),
            profile_name=DEFAULT_PROFILE,
        )
        await queries.execute(
            "INSERT INTO accounts (id, username, username_key, password_hash, tier, role, created_at)"
            " VALUES (:id, :username, :key, :hash, :tier, :role, :now)",
            id=account.id,
            username=username.shown,
            key=username.key,
            hash=password_hash,
            tier=tier,
            role=role,
            now=self.now_ms(),
        )
        await queries.execute(
            "INSERT INTO profiles (id, account_id, name, is_default, created_at)"
            " VALUES (:id, :account_id, :name, TRUE, :now)",
            id=account.profile_id,
            account_id=account.id,
            name=DEFAULT_PROFILE,
            now=self.now_ms(),
        )
        return account

    async def end_sessions(self, queries: Queries, account_id: str, *, but: str = "") -> None:
        """Every session of an account, in browsers and of programs, except the one named."""
        await queries.execute(
            "DELETE FROM sessions WHERE account_id = :account_id AND id <> :but",
            account_id=account_id,
            but=but,
        )
        await queries.execute(
            "UPDATE refresh_families SET revoked_at = :now"
            " WHERE account_id = :account_id AND id <> :but AND revoked_at IS NULL",
            account_id=account_id,
            but=but,
            now=self.now_ms(),
        )

    async def check_password_stands(self, queries: Queries, account: Account) -> None:
        """Raise WrongCredentials if the password that was judged has been replaced meanwhile.

        Judging takes a while, and a new password ends all sessions: one begun with the old one must not be
        put in place just after. A change that comes now waits for the transaction, and ends what it made.
        """
        stands = await queries.execute(
            "UPDATE accounts SET tier = tier WHERE id = :id AND password_hash = :hash",
            id=account.id,
            hash=account.password_hash,
        )
        if not stands:
            raise WrongCredentials

    async def lock_account(self, queries: Queries, account_id: str) -> bool:
        """Make others who count what the account has wait; False when there is no such account."""
        return bool(await queries.execute("UPDATE accounts SET tier = tier WHERE id = :id", id=account_id))


def account_of(row: Row) -> Account:
    return Account(
        id=str(row["account_id"]),
        username=str(row["username"]),
        tier=str(row["tier"]),
        role=str(row["role"]),
        profile_id=str(row["profile_id"]),
        profile_name=str(row["profile_name"]),
        is_default_profile=bool(row["is_default"]),
        password_hash=str(row["password_hash"]),
        is_disabled=row["disabled_at"] is not None,
    )

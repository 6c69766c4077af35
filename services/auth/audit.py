"""The audit log as people read it."""

from __future__ import annotations

from libs.common.contracts.accounts import AuditPage
from services.auth.paging import cursor_of, cut, place_of
from services.auth.store.audit import AuditStore


class Audit:
    """Who may see whose entries is the routes' to check."""

    def __init__(self, store: AuditStore) -> None:
        self._store = store

    async def page(self, account_id: str | None, *, limit: int, cursor: str | None) -> AuditPage:
        """Of one account, or of all for None."""
        before = place_of(cursor) if cursor else None
        items, last = cut(await self._store.entries(account_id, limit=limit + 1, before=before), limit)
        return AuditPage(items, cursor_of(last.at, last.id) if last else None)

"""Typed calls about when an account at a provider is synced by itself, and who is told."""

from __future__ import annotations

from urllib.parse import quote

from libs.common.contracts.client import ServiceClient
from libs.common.contracts.sync import SyncSettings, SyncSettingsView
from libs.common.deadline import Deadline
from libs.common.identity import Identity


class AccountSyncsClient:
    """Calls to sync. Raises NotFound for another profile's account."""

    def __init__(self, service: ServiceClient) -> None:
        self._service = service

    async def get(self, identity: Identity, account_id: str, *, deadline: Deadline) -> SyncSettingsView:
        return await self._service.call(
            "GET", _path(account_id), identity=identity, deadline=deadline, into=SyncSettingsView
        )

    async def save(
        self, identity: Identity, account_id: str, settings: SyncSettings, *, deadline: Deadline
    ) -> SyncSettingsView:
        return await self._service.call(
            "PUT",
            _path(account_id),
            identity=identity,
            deadline=deadline,
            body=settings,
            into=SyncSettingsView,
        )

    async def reset(self, identity: Identity, account_id: str, *, deadline: Deadline) -> None:
        await self._service.call(
            "DELETE", _path(account_id), identity=identity, deadline=deadline, into=type(None)
        )


def _path(account_id: str) -> str:
    return f"/api/v1/sync/settings/{quote(account_id, safe='')}"

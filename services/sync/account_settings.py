"""What somebody settles about the syncs of an account at a provider: when they begin, and who is told."""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, time
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import msgspec

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.handover import ProviderRef
from libs.common.contracts.sync import NetworkReport, QuietHours, SyncSettings, SyncSettingsView
from libs.common.errors import InvalidInput
from libs.common.http import FetchError, Guard
from libs.common.identity import Identity
from libs.common.secrets import SecretBox
from services.sync.errors import WebhookInvalid
from services.sync.providers import Providers
from services.sync.store.account_settings import AccountSettingsStore, Settled
from services.sync.store.jobs import Latest, Store

HOUR_S: Final = 3600
METERED_S: Final = HOUR_S
"""How long a network is what a device has told of it."""
SPREAD: Final = 0.1
"""Of the time between two syncs, by which accounts keep apart."""


class AccountSettings:
    """As the owner of each account may see and change them."""

    def __init__(
        self,
        store: AccountSettingsStore,
        runs: Store,
        providers: Providers,
        *,
        box: SecretBox,
        guard: Guard,
        clock: Clock,
    ) -> None:
        self._store = store
        self._runs = runs
        self._providers = providers
        self._box = box
        self._guard = guard
        self._clock = clock

    async def view(self, identity: Identity, provider_id: str) -> SyncSettingsView:
        """Raises AccountNotFound."""
        ref = await self._providers.find(identity, None, provider_id)
        return await self._view(ref, await self._store.get(ref.id) or _default(ref))

    async def put(self, identity: Identity, provider_id: str, wanted: SyncSettings) -> SyncSettingsView:
        """Raises AccountNotFound, WebhookInvalid, InvalidInput."""
        ref = await self._providers.find(identity, None, provider_id)
        _check_zone(wanted.quiet)
        before = await self._store.get(ref.id) or _default(ref)
        sealed = before.sealed_webhook
        if wanted.webhook is not msgspec.UNSET:
            sealed = self._sealed(ref.id, wanted.webhook) if wanted.webhook else None
        settled = Settled(
            subject=ref.id,
            account_id=ref.account_id,
            profile_id=ref.profile_id,
            choices=msgspec.structs.replace(wanted, webhook=msgspec.UNSET),
            sealed_webhook=sealed,
        )
        await self._store.put(settled)
        return await self._view(ref, settled)

    async def has_settled(self, subject: str) -> bool:
        return await self._store.get(subject) is not None

    async def reset(self, identity: Identity, provider_id: str) -> None:
        """Raises AccountNotFound."""
        ref = await self._providers.find(identity, None, provider_id)
        await self._store.forget(ref.id)

    async def tell_network(self, identity: Identity, report: NetworkReport) -> None:
        await self._store.tell_network(
            identity.account_id,
            identity.profile_id,
            metered=report.metered,
            at=epoch_ms(self._clock),
        )

    def _sealed(self, subject: str, webhook: str) -> bytes:
        try:
            self._guard.check_url(webhook)
        except FetchError as error:
            raise WebhookInvalid(str(error), fields={"webhook": "an address that the hub may ask"}) from None
        return self._box.seal(webhook.encode(), context=webhook_context(subject))

    async def _view(self, ref: ProviderRef, settled: Settled) -> SyncSettingsView:
        choices, host = settled.choices, None
        if settled.sealed_webhook is not None:
            url = self._box.open(settled.sealed_webhook, context=webhook_context(ref.id)).decode()
            host = urlsplit(url).hostname
        latest = [run for run in await self._runs.latest() if run.subject == ref.id and run.kind == ref.kind]
        due = due_at(ref, choices, latest[0] if latest else None)
        return SyncSettingsView(
            account_id=ref.id,
            automatic=choices.automatic,
            every_h=choices.every_h,
            quiet=choices.quiet,
            only_unmetered=choices.only_unmetered,
            notify=choices.notify,
            webhook_host=host,
            next_at=None if due is None else datetime.fromtimestamp(due, UTC),
        )


def webhook_context(subject: str) -> str:
    return f"sync_settings:sealed_webhook:{subject}"


def due_at(ref: ProviderRef, choices: SyncSettings, latest: Latest | None) -> float | None:
    """When the next sync of an account may begin, in epoch seconds; None for never by itself.

    The first one only where it was asked for with the account.
    """
    last_ms = max(ref.synced_at or 0, latest.created_at if latest is not None else 0)
    if not last_ms:
        return 0.0 if ref.first_sync else None
    if not choices.automatic:
        return None
    every_s = choices.every_h * HOUR_S
    apart_s = zlib.crc32(ref.id.encode()) / 2**32 * SPREAD * every_s
    return last_ms / 1000 + every_s + apart_s


def is_quiet(quiet: QuietHours | None, now: datetime) -> bool:
    if quiet is None:
        return False
    local = now.astimezone(ZoneInfo(quiet.zone)).time()
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    return start <= local < end if start <= end else local >= start or local < end


def _default(ref: ProviderRef) -> Settled:
    return Settled(subject=ref.id, account_id=ref.account_id, profile_id=ref.profile_id)


def _check_zone(quiet: QuietHours | None) -> None:
    if quiet is None:
        return
    try:
        ZoneInfo(quiet.zone)
    except (ValueError, KeyError, OSError):
        raise InvalidInput(
            "There is no such time zone.", fields={"quiet.zone": "a name such as Europe/Berlin"}
        ) from None

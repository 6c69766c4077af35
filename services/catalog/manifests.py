"""Keeping manifests current: fetched again after a week, sooner after a failure, the old kept meanwhile."""

from __future__ import annotations

import asyncio
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import structlog

from libs.addons.errors import AddonTooLarge
from libs.addons.failures import EXPECTED, described
from libs.common.clock import Clock
from libs.common.contracts.catalog import RefreshCounts
from libs.common.deadline import Deadline
from libs.common.errors import HeadgateError
from libs.common.http import BlockedAddress, InvalidUrl
from libs.protocols.stremio.answers import CacheBounds
from libs.protocols.stremio.errors import InvalidTransportUrl, ManifestError
from services.catalog.errors import AddressRefused, NotAnAddon, NotAUrl
from services.catalog.model import AddonRow
from services.catalog.sources.base import Source
from services.catalog.store.manifests import ManifestStore, StoredManifest

log = structlog.get_logger(__name__)

WEEK_S = 7 * 24 * 3600
LEAST_S = 3600
"""However short an addon's own cache time, its manifest is not fetched more often than hourly."""

FIRST_RETRY_S = 600
LONGEST_RETRY_S = 6 * 3600

AT_ONCE = 8
"""Addresses asked together by the upkeep."""

CLAIM_S = 300
"""How long a replica that took a due addon may need before another one takes over."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`state` is changed, unchanged or failed."""

    stored: StoredManifest
    state: str


class Manifests:
    """Fetches manifests and writes down what came of it."""

    def __init__(self, store: ManifestStore, source: Source, *, clock: Clock, timeout_s: float) -> None:
        self._store = store
        self._source = source
        self._clock = clock
        self._timeout_s = timeout_s

    async def first(self, transport_url: str, *, deadline: Deadline) -> StoredManifest:
        """The manifest of an address not known yet. Raises what is wrong with it, in our errors."""
        try:
            _, body, bounds = await self._source.manifest(
                transport_url, deadline=deadline.sooner(self._timeout_s)
            )
        except EXPECTED as error:
            raise _about_address(error) from error
        return self._good(body, bounds)

    async def again(self, addon: AddonRow, transport_url: str) -> Outcome:
        """Never raises for what an addon does: a failure keeps the old manifest and says so."""
        deadline = Deadline.after(self._clock, self._timeout_s)
        try:
            stored = await self.first(transport_url, deadline=deadline)
        except HeadgateError as error:
            wait_s = max(retry_s(addon.manifest_failures), error.retry_after_s or 0)
            return Outcome(
                StoredManifest(
                    next_at=self._at(min(wait_s, LONGEST_RETRY_S)),
                    failures=addon.manifest_failures + 1,
                    error=str(error),
                ),
                "failed",
            )
        changed = stored.manifest_hash != addon.manifest_hash
        return Outcome(stored, "changed" if changed else "unchanged")

    async def upkept(self, rows: Iterable[AddonRow]) -> list[AddonRow]:
        """The rows with how their last fetch went, which a list held in memory may not have heard of."""
        rows = tuple(rows)
        known = await self._store.upkeep_of(row.id for row in rows)
        return [
            replace(
                row,
                manifest_fetched_at=upkeep.fetched_at,
                manifest_failures=upkeep.failures,
                manifest_error=upkeep.error,
            )
            if (upkeep := known.get(row.id)) is not None
            else row
            for row in rows
        ]

    async def refresh(self, addon: AddonRow, transport_url: str) -> Outcome:
        """Fetches one manifest now and keeps the outcome."""
        outcome = await self.again(addon, transport_url)
        await self._keep(addon, outcome)
        return outcome

    async def refresh_due(
        self, limit: int, open_url: Callable[[AddonRow], str], *, deadline: Deadline
    ) -> RefreshCounts:
        """Fetches what is due, at most `limit`, in time; an address shared by many is asked once."""
        counts: Counter[str] = Counter()
        at_once = asyncio.Semaphore(AT_ONCE)
        sharing: dict[str, list[AddonRow]] = {}
        for addon in await self._store.due(now=self._at(0), limit=limit):
            sharing.setdefault(addon.transport_hash, []).append(addon)

        async def refresh(addons: list[AddonRow]) -> None:
            async with at_once:
                known: Outcome | None = None
                for addon in addons:
                    if not deadline.expired and await self._store.claim(addon, until=self._at(CLAIM_S)):
                        known = await self._refresh_claimed(addon, open_url, known)
                        counts.update((known.state, "seen"))

        await asyncio.gather(*map(refresh, sharing.values()))
        return RefreshCounts(
            seen=counts["seen"],
            changed=counts["changed"],
            unchanged=counts["unchanged"],
            failed=counts["failed"],
        )

    async def _refresh_claimed(
        self, addon: AddonRow, open_url: Callable[[AddonRow], str], known: Outcome | None
    ) -> Outcome:
        """Keeps the outcome of a fetch, or of the good one just made of the same address."""
        try:
            if known is None or known.state == "failed":
                return await self.refresh(addon, open_url(addon))
            same = known.stored.manifest_hash == addon.manifest_hash
            outcome = Outcome(known.stored, "unchanged" if same else "changed")
            await self._keep(addon, outcome)
            return outcome
        except HeadgateError as error:
            # One owner's trouble (an address sealed with a lost key) must not stop everybody's upkeep.
            log.warning("manifest_refresh_failed", addon_id=addon.id, code=error.code)
            return Outcome(StoredManifest(next_at=0, failures=0), "failed")

    async def _keep(self, addon: AddonRow, outcome: Outcome) -> None:
        await self._store.put_manifest(
            addon.owner, addon.id, transport_hash=addon.transport_hash, stored=outcome.stored
        )

    def _good(self, body: bytes, bounds: CacheBounds) -> StoredManifest:
        fresh_s, _, _ = bounds.at_most(WEEK_S, 0, 0)
        text = body.decode("utf-8-sig", errors="replace").encode()
        return StoredManifest(
            manifest=text,
            manifest_hash=hashlib.sha256(text).hexdigest(),
            fetched_at=self._at(0),
            next_at=self._at(max(fresh_s, LEAST_S)),
            failures=0,
            error="",
        )

    def _at(self, in_s: float) -> int:
        return int((self._clock.time() + in_s) * 1000)


def retry_s(failures: int) -> float:
    """How long to wait after one failure more: 10 minutes, doubling to 6 hours."""
    return float(min(FIRST_RETRY_S * 2 ** min(failures, 10), LONGEST_RETRY_S))


def _about_address(error: Exception) -> HeadgateError:
    """What is wrong with the address somebody gave, where it is theirs to correct; else with the addon."""
    match error:
        case ManifestError(reason="too_large"):
            return AddonTooLarge(str(error))
        case ManifestError():
            return NotAnAddon(str(error))
        case InvalidTransportUrl() | InvalidUrl():
            return NotAUrl(str(error))
        case BlockedAddress():
            return AddressRefused(str(error))
        case _:
            return described(error)

"""What is told of addons' health, to their owners and to whoever asks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Final

from libs.common.clock import Clock, epoch_ms
from libs.common.contracts.addon_health import AddonHealth, HealthPoint, SourceHealth
from libs.common.contracts.catalog import AddonState
from libs.common.contracts.standing import AddonStanding
from libs.common.errors import Unavailable
from services.catalog.health import told
from services.catalog.health.book import HealthBook
from services.catalog.health_model import HOUR_MS, Figures, Rules
from services.catalog.listing import Listed
from services.catalog.store.health import HealthStore, Placed

TREND_HOURS: Final = 48

STREAMS: Final = frozenset({"stream", "subtitles"})
"""What streaming asks: how an addon answers anything else says little of these."""


@dataclass(frozen=True, slots=True)
class Told:
    state: AddonState
    health: SourceHealth
    trend: tuple[HealthPoint, ...]


class Records:
    """Reads what is kept of addons that a caller may see."""

    def __init__(self, book: HealthBook, store: HealthStore, rules: Rules, clock: Clock) -> None:
        self._book = book
        self._store = store
        self._teller = told.Teller(rules)
        self._clock = clock

    async def of(self, addons: Sequence[Listed]) -> dict[str, Told]:
        ids, now = [addon.id for addon in addons], epoch_ms(self._clock)
        known = await self._book.known(ids)
        trends: dict[str, tuple[HealthPoint, ...]] = {}
        with suppress(Unavailable):  # a picture
            hours = await self._store.hours_of(ids, since=now - TREND_HOURS * HOUR_MS)
            trends = {addon_id: told.points(spans) for addon_id, spans in hours.items()}
        return {
            addon.id: Told(
                told.addon_state(known[addon.id]),
                self._teller.health(
                    known[addon.id], enabled=addon.row.enabled, pinned=addon.row.pinned, now=now
                ),
                trends.get(addon.id, ()),
            )
            for addon in addons
        }

    async def for_streaming(self, addons: Sequence[Listed]) -> dict[str, SourceHealth]:
        """Of what streaming asks of them, or of all where it has asked nothing yet."""
        now = epoch_ms(self._clock)
        known = await self._book.known(addon.id for addon in addons)
        found: dict[str, SourceHealth] = {}
        for addon in addons:
            figures = known[addon.id]
            own = {name: each for name, each in figures.items() if name in STREAMS}
            found[addon.id] = self._teller.health(
                own or figures, enabled=True, pinned=addon.row.pinned, now=now
            )
        return found

    async def whole(self, addon: Listed) -> AddonHealth:
        known = await self._book.known([addon.id])
        return self._teller.whole(
            addon.id,
            known[addon.id],
            await self._store.history(addon.id),
            enabled=addon.row.enabled,
            pinned=addon.row.pinned,
            now=epoch_ms(self._clock),
        )

    async def everybody(self, limit: int) -> tuple[tuple[AddonStanding, ...], int]:
        """The worst off of the hub, and how many addons it has."""
        placed, in_all = await self._store.worst(limit)
        known = await self._book.known(one.id for one in placed)
        now = epoch_ms(self._clock)
        return tuple(self._standing(one, known[one.id], now) for one in placed), in_all

    def _standing(self, addon: Placed, known: Mapping[str, Figures], now: int) -> AddonStanding:
        # What an addon's failure says names its host.
        unnamed = {name: replace(figures, error="") for name, figures in known.items()}
        health = self._teller.health(unnamed, enabled=addon.enabled, pinned=addon.pinned, now=now)
        asked = told.addon_state(known)
        return AddonStanding(
            addon_id=addon.id,
            builtin=addon.builtin,
            state=health.state,
            score=health.score,
            badge=health.badge,
            calls=asked.calls,
            failures=asked.failures,
            latency_ms=health.latency_ms,
            reason=health.reason,
        )

    async def ask_again(self, addon: Listed) -> None:
        """One that rests is asked at once whether it is back."""
        await self._store.hurry(addon.id, now=epoch_ms(self._clock))

"""What keeps addons' health: made when catalog starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from libs.addons.resting import Resting
from libs.common.db import Database
from libs.common.ground import Ground
from services.catalog.health.book import LOOK_S as BOOK_LOOK_S
from services.catalog.health.book import HealthBook
from services.catalog.health.probing import LOOK_S as PROBE_LOOK_S
from services.catalog.health.probing import SWEPT_EVERY_S, Probing
from services.catalog.health.records import Records
from services.catalog.health_model import Rules
from services.catalog.model import AddonRow
from services.catalog.sources.base import Source
from services.catalog.store.health import HealthStore


@dataclass(frozen=True, slots=True)
class HealthParts:
    book: HealthBook
    records: Records
    resting: Resting
    store: HealthStore
    rules: Rules


def open_health(ground: Ground, database: Database, rules: Rules) -> HealthParts:
    store, resting = HealthStore(database), Resting(ground.clock)
    book = HealthBook(store, resting, rules=rules, clock=ground.clock)
    ground.stack.push_async_callback(book.close)
    ground.tasks.every("addon_health_write", BOOK_LOOK_S, book.look, clock=ground.clock)
    return HealthParts(book, Records(book, store, rules, ground.clock), resting, store, rules)


def open_probing(
    ground: Ground, parts: HealthParts, source: Source, *, open_url: Callable[[AddonRow], str]
) -> None:
    probing = Probing(
        parts.store, source, parts.resting, open_url=open_url, rules=parts.rules, clock=ground.clock
    )
    ground.tasks.every("addon_probes", PROBE_LOOK_S, probing.look, clock=ground.clock)
    ground.tasks.every("addon_health_sweep", SWEPT_EVERY_S, probing.sweep, clock=ground.clock)

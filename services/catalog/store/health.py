"""How addons have been answering, added up over replicas and restarts."""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from operator import itemgetter

from libs.common.db import Database, Queries, Row, Value, places_for
from services.catalog.health_model import DAY_MS, Change, Figures, Key, Span
from services.catalog.model import AddonRow
from services.catalog.store.rows import ADDON, addon_of

NAMES = tuple(each.name for each in fields(Figures))
COLUMNS = ", ".join(NAMES)
SETS = ", ".join(f"{name} = :{name}" for name in NAMES)
MAX_RESTING = 10_000

_LOCK = (
    "INSERT INTO addon_health (addon_id, operation) VALUES (:id, :operation)"
    " ON CONFLICT (addon_id, operation) DO UPDATE SET calls = addon_health.calls"
)
_PLACE = itemgetter(0, 1, 2)
_WRITE = f"UPDATE addon_health SET {SETS} WHERE addon_id = :id AND operation = :operation"
_ADD_SPAN = (
    "INSERT INTO addon_health_spans (addon_id, span, start, calls, failures, empty, answered_ms)"
    " VALUES (:id, :span, :start, :calls, :failures, :empty, :answered_ms)"
    " ON CONFLICT (addon_id, span, start) DO UPDATE SET"
    + ", ".join(
        f" {column} = addon_health_spans.{column} + excluded.{column}"
        for column in ("calls", "failures", "empty", "answered_ms")
    )
)


@dataclass(frozen=True, slots=True)
class Rest:
    """An addon that rests from one resource, and when that was to be looked at again."""

    addon: AddonRow
    operation: str
    asked: str
    probe_at: int


@dataclass(frozen=True, slots=True)
class Placed:
    """An addon of whomever's."""

    id: str
    builtin: bool
    enabled: bool
    pinned: bool


@dataclass(frozen=True, slots=True)
class History:
    """Spans by their start, oldest first."""

    hours: Mapping[int, Span]
    days: Mapping[int, Span]


class HealthStore:
    """One row per addon and resource, and what happened by the hour and by the day."""

    def __init__(self, database: Database) -> None:
        self._db = database

    async def figures_of(self, addon_ids: Iterable[str]) -> dict[str, dict[str, Figures]]:
        places, named = places_for("id", addon_ids)
        found: dict[str, dict[str, Figures]] = defaultdict(dict)
        if named:
            for row in await self._db.fetch_all(
                f"SELECT addon_id, operation, {COLUMNS} FROM addon_health WHERE addon_id IN ({places})",
                **named,
            ):
                found[row["addon_id"]][row["operation"]] = _figures(row)
        return dict(found)

    async def add(
        self, changes: Mapping[Key, Change], judge: Callable[[Figures, Change, bool], Figures]
    ) -> dict[Key, Figures]:
        """Writes what `judge` makes of each; observations of addons that have gone are dropped."""
        async with self._db.transaction() as tx:
            # One order for everybody, all figures before all spans: two replicas that write the same addons
            # can't wait for each other.
            pinned = await _pinned(tx, {addon_id for addon_id, _ in changes})
            keys = sorted(key for key in changes if key[0] in pinned)
            known = await _locked(tx, keys)
            written = {key: judge(known[key], changes[key], pinned[key[0]]) for key in keys}
            await tx.execute_many(_WRITE, [_values(key, figures) for key, figures in written.items()])
            spans = sorted((one for key in keys for one in _spans(key[0], changes[key])), key=_PLACE)
            await tx.execute_many(_ADD_SPAN, [_span_values(*one) for one in spans])
        return written

    async def worst(self, limit: int) -> tuple[list[Placed], int]:
        """Everybody's, those that rest or fail first, then by how much they are asked; and how many there
        are in all. For administrators."""
        rows = await self._db.fetch_all(
            "SELECT id, builtin, enabled, pinned FROM addons LEFT JOIN"
            " (SELECT addon_id, COUNT(out_since) AS resting, MAX(failing_in_a_row) AS failing,"
            " SUM(calls) AS asked FROM addon_health GROUP BY addon_id) AS h ON h.addon_id = id"
            " ORDER BY COALESCE(resting, 0) DESC, COALESCE(failing, 0) DESC, COALESCE(asked, 0) DESC, id"
            " LIMIT :most",
            most=limit,
        )
        counted = await self._db.fetch_one("SELECT COUNT(*) AS n FROM addons")
        placed = [
            Placed(row["id"], bool(row["builtin"]), bool(row["enabled"]), bool(row["pinned"])) for row in rows
        ]
        return placed, 0 if counted is None else int(counted["n"])

    async def resting(self) -> dict[str, dict[str, int]]:
        """Until when addons rest, by resource."""
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for row in await self._db.fetch_all(
            "SELECT addon_id, operation, probe_at FROM addon_health WHERE out_since IS NOT NULL"
            " ORDER BY probe_at LIMIT :most",
            most=MAX_RESTING,
        ):
            found[row["addon_id"]][row["operation"]] = row["probe_at"]
        return dict(found)

    async def due(self, *, now: int, limit: int) -> list[Rest]:
        """Those to be asked whether they are back, the longest due first. Switched off, nobody waits."""
        rows = await self._db.fetch_all(
            f"SELECT {ADDON}, operation, asked, probe_at FROM addon_health JOIN addons ON id = addon_id"
            " WHERE out_since IS NOT NULL AND probe_at <= :now AND enabled"
            " ORDER BY probe_at, id LIMIT :limit",
            now=now,
            limit=limit,
        )
        return [Rest(addon_of(row), row["operation"], row["asked"], row["probe_at"]) for row in rows]

    async def claim(self, rest: Rest, *, until: int) -> bool:
        """Takes one that is due for this process, which has until then; False when another was first."""
        return bool(
            await self._db.execute(
                "UPDATE addon_health SET probe_at = :until WHERE addon_id = :id AND operation = :operation"
                " AND probe_at = :seen AND out_since IS NOT NULL",
                id=rest.addon.id,
                operation=rest.operation,
                until=until,
                seen=rest.probe_at,
            )
        )

    async def hurry(self, addon_id: str, *, now: int) -> None:
        """An addon that rests is asked at once whether it is back."""
        await self._db.execute(
            "UPDATE addon_health SET probe_at = :now WHERE addon_id = :id AND out_since IS NOT NULL",
            id=addon_id,
            now=now,
        )

    async def history(self, addon_id: str) -> History:
        spans: dict[str, dict[int, Span]] = {"hour": {}, "day": {}}
        for row in await self._db.fetch_all(
            "SELECT span, start, calls, failures, empty, answered_ms FROM addon_health_spans"
            " WHERE addon_id = :id ORDER BY start",
            id=addon_id,
        ):
            spans[row["span"]][row["start"]] = _span(row)
        return History(spans["hour"], spans["day"])

    async def hours_of(self, addon_ids: Iterable[str], *, since: int) -> dict[str, dict[int, Span]]:
        places, named = places_for("id", addon_ids)
        found: dict[str, dict[int, Span]] = defaultdict(dict)
        if named:
            for row in await self._db.fetch_all(
                "SELECT addon_id, start, calls, failures, empty, answered_ms FROM addon_health_spans"
                f" WHERE addon_id IN ({places}) AND span = 'hour' AND start >= :since ORDER BY start",
                since=since,
                **named,
            ):
                found[row["addon_id"]][row["start"]] = _span(row)
        return dict(found)

    async def sweep(self, *, hours_before: int, days_before: int) -> None:
        for span, before in (("hour", hours_before), ("day", days_before)):
            await self._db.execute(
                "DELETE FROM addon_health_spans WHERE span = :span AND start < :before",
                span=span,
                before=before,
            )


async def release(tx: Queries, addon_id: str) -> None:
    """The addon rests no longer, from whatever it rested."""
    for row in await tx.fetch_all(
        f"SELECT operation, {COLUMNS} FROM addon_health WHERE addon_id = :id AND out_since IS NOT NULL",
        id=addon_id,
    ):
        await tx.execute(_WRITE, **_values((addon_id, row["operation"]), _figures(row).released()))


async def forget_figures(tx: Queries, addon_id: str) -> None:
    for table in ("addon_health", "addon_health_spans"):
        await tx.execute(f"DELETE FROM {table} WHERE addon_id = :id", id=addon_id)


async def _pinned(tx: Queries, addon_ids: Iterable[str]) -> dict[str, bool]:
    """Of addons that are there. What the hub answers itself rests as little as what is pinned."""
    places, named = places_for("id", addon_ids)
    if not named:
        return {}
    rows = await tx.fetch_all(f"SELECT id, pinned, builtin FROM addons WHERE id IN ({places})", **named)
    return {row["id"]: bool(row["pinned"] or row["builtin"]) for row in rows}


async def _locked(tx: Queries, keys: Sequence[Key]) -> dict[Key, Figures]:
    """What is known, which nobody else changes before this transaction ends. Locked in that order."""
    if not keys:
        return {}
    await tx.execute_many(_LOCK, [{"id": addon_id, "operation": operation} for addon_id, operation in keys])
    places, named = places_for("id", {addon_id for addon_id, _ in keys})
    rows = await tx.fetch_all(
        f"SELECT addon_id, operation, {COLUMNS} FROM addon_health WHERE addon_id IN ({places})", **named
    )
    return {(row["addon_id"], row["operation"]): _figures(row) for row in rows}


def _values(key: Key, figures: Figures) -> dict[str, Value]:
    return {"id": key[0], "operation": key[1], **asdict(figures)}


def _spans(addon_id: str, change: Change) -> Iterator[tuple[str, str, int, Span]]:
    days: dict[int, Span] = {}
    for start, span in change.spans.items():
        day = start - start % DAY_MS
        days[day] = days.get(day, Span()).plus(span)
    for name, spans in (("hour", change.spans), ("day", days)):
        for start, span in spans.items():
            yield addon_id, name, start, span


def _span_values(addon_id: str, name: str, start: int, span: Span) -> dict[str, Value]:
    return {"id": addon_id, "span": name, "start": start, **asdict(span)}


def _figures(row: Row) -> Figures:
    return Figures(**{name: row[name] for name in NAMES})


def _span(row: Row) -> Span:
    return Span(row["calls"], row["failures"], row["empty"], row["answered_ms"])

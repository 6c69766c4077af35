"""How addons have been answering, added up over replicas and restarts."""

# ruff: noqa: S608  # only fixed column lists and bound names are put into statements

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, fields

from libs.common.db import Database, Queries, Row
from services.catalog.health_model import DAY_MS, Change, Figures, Key, Span
from services.catalog.model import AddonRow
from services.catalog.store.rows import ADDON, addon_of

NAMES = tuple(each.name for each in fields(Figures))
COLUMNS = ", ".join(NAMES)
SETS = ", ".join(f"{name} = :{name}" for name in NAMES)
MAX_RESTING = 10_000


@dataclass(frozen=True, slots=True)
class Rest:
    """An addon that rests from one resource, and when that was to be looked at again."""

    addon: AddonRow
    operation: str
    asked: str
    probe_at: int


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
        places, named = _listed(addon_ids)
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
        written: dict[Key, Figures] = {}
        async with self._db.transaction() as tx:
            # One order for everybody, all figures before all spans: two replicas that write the same addons
            # can't wait for each other.
            for key in sorted(changes):
                pinned = await _pinned(tx, key[0])
                if pinned is not None:
                    written[key] = judge(await _locked(tx, key), changes[key], pinned)
                    await _write(tx, key, written[key])
            for key in written:
                await _add_spans(tx, key[0], changes[key].spans)
        return written

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
        places, named = _listed(addon_ids)
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
        await _write(tx, (addon_id, row["operation"]), _figures(row).released())


async def forget_figures(tx: Queries, addon_id: str) -> None:
    for table in ("addon_health", "addon_health_spans"):
        await tx.execute(f"DELETE FROM {table} WHERE addon_id = :id", id=addon_id)


async def _pinned(tx: Queries, addon_id: str) -> bool | None:
    """None for an addon that has gone. What the hub answers itself rests as little as what is pinned."""
    row = await tx.fetch_one("SELECT pinned, builtin FROM addons WHERE id = :id", id=addon_id)
    return None if row is None else bool(row["pinned"] or row["builtin"])


async def _locked(tx: Queries, key: Key) -> Figures:
    """What is known, which nobody else changes before this transaction ends."""
    row = await tx.fetch_one(
        "INSERT INTO addon_health (addon_id, operation) VALUES (:id, :operation)"
        " ON CONFLICT (addon_id, operation) DO UPDATE SET calls = addon_health.calls"
        f" RETURNING {COLUMNS}",
        id=key[0],
        operation=key[1],
    )
    return Figures() if row is None else _figures(row)


async def _write(tx: Queries, key: Key, figures: Figures) -> None:
    await tx.execute(
        f"UPDATE addon_health SET {SETS} WHERE addon_id = :id AND operation = :operation",
        id=key[0],
        operation=key[1],
        **asdict(figures),
    )


async def _add_spans(tx: Queries, addon_id: str, hours: Mapping[int, Span]) -> None:
    days: dict[int, Span] = {}
    for start, span in hours.items():
        day = start - start % DAY_MS
        days[day] = days.get(day, Span()).plus(span)
    for name, spans in (("hour", hours), ("day", days)):
        for start, span in sorted(spans.items()):
            await tx.execute(
                "INSERT INTO addon_health_spans (addon_id, span, start, calls, failures, empty, answered_ms)"
                " VALUES (:id, :span, :start, :calls, :failures, :empty, :answered_ms)"
                " ON CONFLICT (addon_id, span, start) DO UPDATE SET"
                + ", ".join(
                    f" {column} = addon_health_spans.{column} + excluded.{column}"
                    for column in ("calls", "failures", "empty", "answered_ms")
                ),
                id=addon_id,
                span=name,
                start=start,
                **asdict(span),
            )


def _listed(addon_ids: Iterable[str]) -> tuple[str, dict[str, str]]:
    named = {f"id{number}": addon_id for number, addon_id in enumerate(addon_ids)}
    return ", ".join(f":{name}" for name in named), named


def _figures(row: Row) -> Figures:
    return Figures(**{name: row[name] for name in NAMES})


def _span(row: Row) -> Span:
    return Span(row["calls"], row["failures"], row["empty"], row["answered_ms"])

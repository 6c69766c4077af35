"""What the library's part of catalog and sync knows, as a test sets it, and things to put there."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from libs.common.contracts.library import (
    Candidate,
    CategoryView,
    ChangeList,
    ChannelView,
    Facets,
    FoundProgramme,
    ItemTotals,
    ItemView,
    LibraryStats,
    M3uAccountPatch,
    MatchChoice,
    MatchView,
    MovieView,
    NewM3uAccount,
    NewXtreamAccount,
    NowNext,
    ProgrammeView,
    ProviderView,
    SeriesView,
    XtreamAccountPatch,
)
from libs.common.contracts.sync import Job, JobState, NewJob, SyncSettings


def now() -> datetime:
    """The gateway before these goes by the real clock, and what is on depends on it."""
    return datetime.now(UTC).replace(microsecond=0)


def provider(provider_id: str = "p1", name: str = "Evening TV", **changes: object) -> ProviderView:
    base = ProviderView(
        id=provider_id,
        kind="xtream",
        name=name,
        host="panel.example.org",
        status="active",
        problem="",
        is_outdated=False,
        checked_at=now() - timedelta(minutes=5),
        expires_at=now() + timedelta(days=90),
        max_connections=2,
        play="proxy",
        created_at=now() - timedelta(days=30),
        synced_at=now() - timedelta(hours=2),
        guide_synced_at=now() - timedelta(hours=2),
        totals=ItemTotals(channels=2, movies=3, series=1, episodes=4, categories=3),
    )
    return msgspec.structs.replace(base, **changes)


def item(number: int, kind: str, title: str, **changes: object) -> ItemView:
    base = {"id": f"hg:{number}", "kind": kind, "account_id": "p1", "title": title, "listed_as": title}
    return msgspec.convert({**base, **changes}, ItemView)


def channel(number: int, title: str, **changes: object) -> ItemView:
    begun = now() - timedelta(minutes=15)
    on_now = NowNext(title="News at eight", start=begun, stop=begun + timedelta(minutes=30))
    later = NowNext(title="The late film", start=on_now.stop, stop=on_now.stop + timedelta(hours=2))
    made = item(number, "channels", title, guide_id=f"c{number}")
    return msgspec.structs.replace(made, **{"number": number, "now": on_now, "next": later, **changes})


def category(number: int, kind: str, name: str, **changes: object) -> CategoryView:
    base = {"id": f"hg:{number}", "account_id": "p1", "kind": kind, "name": name, "items": 10}
    return msgspec.convert({**base, "is_hidden": False, **changes}, CategoryView)


def programme(title: str, starts_in_min: int, **changes: object) -> ProgrammeView:
    start = now() + timedelta(minutes=starts_in_min)
    return ProgrammeView(start=start, stop=start + timedelta(minutes=30), title=title, **changes)  # type: ignore[arg-type]  # a test's own words


def doubtful(of: ItemView, *candidates: Candidate, **changes: object) -> MatchView:
    base = MatchView(
        item=of, state="doubtful", score=71, why="the year differs by one", candidates=candidates
    )
    return msgspec.structs.replace(base, **changes)


def sync_of(new: NewJob) -> Job:
    """The run that `new` starts."""
    return job("running", id=f"run-{new.mode}", mode=new.mode, account_id=new.account_id, counts={})


def ended(run: Job, state: JobState) -> Job:
    return msgspec.structs.replace(run, state=state, finished_at=now())


def job(state: str = "succeeded", **changes: object) -> Job:
    done = state in {"succeeded", "failed", "cancelled"}
    base = {
        "id": "run1",
        "kind": "xtream",
        "mode": "incremental",
        "state": state,
        "phase": "" if done else "movies",
        "progress": 100 if done else 40,
        "counts": {"channels": {"seen": 20_000, "added": 12}},
        "error": None,
        "created_at": now() - timedelta(minutes=3),
        "started_at": now() - timedelta(minutes=3),
        "finished_at": now() - timedelta(minutes=1) if done else None,
        "account_id": "p1",
    }
    return msgspec.convert({**base, **changes}, Job)


@dataclass
class Shelves:
    """State. `asked` is what the last list was asked for."""

    providers: list[ProviderView] = field(default_factory=list)
    items: list[ItemView] = field(default_factory=list)
    categories: list[CategoryView] = field(default_factory=list)
    facets: Facets = field(default_factory=Facets)
    movies: dict[str, MovieView] = field(default_factory=dict)
    series: dict[str, SeriesView] = field(default_factory=dict)
    channels: dict[str, ChannelView] = field(default_factory=dict)
    programmes: tuple[FoundProgramme, ...] = ()
    matches: list[MatchView] = field(default_factory=list)
    changes: ChangeList = field(default_factory=lambda: ChangeList(items=()))
    stats: LibraryStats = field(default_factory=lambda: LibraryStats(totals=ItemTotals()))
    jobs: list[Job] = field(default_factory=list)
    settings: dict[str, SyncSettings] = field(default_factory=dict)
    """By account, those that were changed."""
    next_cursor: str | None = None
    asked: dict[str, str] = field(default_factory=dict)
    added: list[NewXtreamAccount | NewM3uAccount] = field(default_factory=list)
    patched: list[XtreamAccountPatch | M3uAccountPatch] = field(default_factory=list)
    chosen: dict[str, MatchChoice] = field(default_factory=dict)
    cleared: list[str] = field(default_factory=list)
    started: list[NewJob] = field(default_factory=list)
    tidied: int = 0

"""What the four inner services know, as the pages' tests set it. `answering.py` serves it over HTTP."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import msgspec

from libs.common.contracts.accounts import AccountView, ApiKey, AuditEntry, Invitation, Profile
from libs.common.contracts.addon_health import AddonHealth
from libs.common.contracts.catalog import AddonState, AddonView, SourceProblem
from libs.common.contracts.connections import TraktView
from libs.common.contracts.embeds import EmbedSites, EmbedsPage
from libs.common.contracts.outgoing import OutgoingView
from libs.common.contracts.playback import PlaybackAsked, PlaybackPlan, SubtitleList
from libs.common.contracts.ratings import RatingSettings
from libs.common.contracts.rows import RowExtra, RowView
from libs.common.contracts.source_settings import SourceSettings
from libs.common.contracts.streaming import StreamsPage, StreamView
from libs.common.contracts.sync import ImdbView
from libs.common.contracts.titles import FoundTitle, TitleWhy
from libs.common.contracts.tmdb import TmdbChoice, TmdbSettings
from libs.common.contracts.viewing import ProgressView
from libs.common.contracts.viewing_settings import ViewingSettings
from libs.common.errors import HeadgateError
from libs.common.states import Clearing, KeysState, ProcessState
from tests.gateway.pages.admin.state import cache, process
from tests.gateway.pages.brought import Brought
from tests.gateway.pages.diagnosed import Diagnosed
from tests.gateway.pages.library.shelves import Shelves
from tests.gateway.pages.stremio_shelf import StremioShelf
from tests.gateway.pages.viewing.service import ViewingBook

FILMS = (
    ("tt0017136", "Metropolis", "1927", "A city runs on the work of people who never see the sun."),
    ("tt0013442", "Nosferatu", "1922", "A clerk sells a house to a count who casts the wrong shadow."),
    ("tt0063350", "Night of the Living Dead", "1968", "Seven strangers hold a farmhouse through one night."),
    ("tt0015324", "Sherlock Jr.", "1924", "A projectionist dreams himself into the film he shows."),
    ("tt0017925", "The General", "1926", "An engineer follows his stolen locomotive behind enemy lines."),
    ("tt0010323", "The Cabinet of Dr. Caligari", "1920", "A sleepwalker does what his showman tells him."),
    ("tt0000417", "A Trip to the Moon", "1902", "Astronomers are shot to the moon and do not like it there."),
    ("tt0032599", "His Girl Friday", "1940", "An editor has a day to keep his best reporter."),
    ("tt0031381", "Of Human Bondage", "1934", "A student of medicine loves somebody who does not love him."),
    ("tt0019254", "The Passion of Joan of Arc", "1928", "A trial, told in faces."),
    ("tt0056875", "Carnival of Souls", "1962", "An organist survives a crash, and something comes along."),
    ("tt0045152", "Charade", "1963", "A widow learns that three men want what her husband hid."),
)
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)


def meta(film: tuple[str, str, str, str], **more: object) -> dict[str, object]:
    title_id, name, year, description = film
    return {
        "id": title_id,
        "type": "movie",
        "name": name,
        "releaseInfo": year,
        "description": description,
        **more,
    }


def raw(value: object) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def addon(addon_id: str, name: str, **changes: object) -> AddonView:
    base = AddonView(
        id=addon_id,
        name=name,
        manifest_name=name,
        version="1.0.0",
        description="",
        logo=None,
        address=f"https://{addon_id}.example.org/…",
        configure_url=None,
        enabled=True,
        builtin=False,
        position=0,
        resources=("catalog", "meta", "stream"),
        types=("movie",),
        catalogs=1,
        manifest_fetched_at=NOW,
        manifest_error=None,
        state=AddonState(
            status="ok", last_answer_at=NOW - timedelta(minutes=4), latency_ms=82, calls=40, failures=0
        ),
    )
    return msgspec.structs.replace(base, **changes)


def row(row_id: str, name: str, addon_name: str, addon_id: str = "demo", **changes: object) -> RowView:
    base = RowView(
        id=row_id,
        type="movie",
        name=name,
        addon_id=addon_id,
        addon_name=addon_name,
        included=True,
        state="shown",
        on_board=True,
        searchable=False,
        extras=(RowExtra(name="genre", options=("Comedy", "Horror")),),
        size_bytes=412,
    )
    return msgspec.structs.replace(base, **changes)


def person(account_id: str, username: str, **changes: object) -> AccountView:
    base = AccountView(
        id=account_id, username=username, role="member", tier="free", disabled=False, created_at=NOW
    )
    return msgspec.structs.replace(base, **changes)


def profile(profile_id: str, name: str, *, is_default: bool = False) -> Profile:
    return Profile(id=profile_id, name=name, is_default=is_default, created_at=NOW)


def entry(number: int, action: str = "signed_in", **changes: object) -> AuditEntry:
    base = AuditEntry(
        id=f"e{number}", at=NOW, account_id="acc", action=action, subject="web", address="192.0.2.0/24"
    )
    return msgspec.structs.replace(base, **changes)


@dataclass
class Inner:
    """State of all four. A test changes it before or between calls, and reads what arrived."""

    accounts: dict[str, str] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict)
    role: str = "owner"
    profile_id: str = "pro"
    people: list[AccountView] = field(default_factory=lambda: [person("acc", "owner", role="owner")])
    invitations: list[Invitation] = field(default_factory=list)
    profiles: list[Profile] = field(default_factory=lambda: [profile("pro", "Household", is_default=True)])
    keys: list[ApiKey] = field(default_factory=list)
    audit: list[AuditEntry] = field(default_factory=list)
    tokens_made: int = 1
    logins_made: int = 22
    addons: list[AddonView] = field(default_factory=list)
    health: dict[str, AddonHealth] = field(default_factory=dict)
    rows: list[RowView] = field(default_factory=list)
    items: dict[str, list[dict[str, object]]] = field(default_factory=dict)
    titles: dict[str, dict[str, object]] = field(default_factory=dict)
    streams: dict[str, StreamsPage] = field(default_factory=dict)
    places: dict[str, ProgressView] = field(default_factory=dict)
    """Where the profile stopped, by video."""
    plans: dict[str, PlaybackPlan] = field(default_factory=dict)
    """How a source is played, by its id."""
    subtitles: dict[str, SubtitleList] = field(default_factory=dict)
    embed_sites: EmbedSites = field(default_factory=lambda: EmbedSites(()))
    embeds: EmbedsPage = field(default_factory=lambda: EmbedsPage(items=()))
    played: list[PlaybackAsked] = field(default_factory=list)
    problems: tuple[SourceProblem, ...] = ()
    together: tuple[FoundTitle, ...] = ()
    why: TitleWhy | None = None
    said: dict[tuple[str, str, str], bool] = field(default_factory=dict)
    """By type and both ids: whether the owner said that they are the same."""
    imdb: ImdbView | None = None
    trakt: TraktView = field(default_factory=TraktView)
    watched_at_trakt: set[str] = field(default_factory=set)
    brought: Brought = field(default_factory=Brought)
    diagnosed: Diagnosed = field(default_factory=Diagnosed)
    outgoing: OutgoingView = field(default_factory=OutgoingView)
    stremio: StremioShelf = field(default_factory=StremioShelf)
    ratings: RatingSettings = field(default_factory=RatingSettings)
    attributions: tuple[str, ...] = ()
    title_problems: tuple[SourceProblem, ...] = ()
    tmdb: TmdbSettings = field(
        default_factory=lambda: TmdbSettings(
            state="off", detail="There is no key.", key=None, choice=TmdbChoice()
        )
    )
    library: Shelves = field(default_factory=Shelves)
    state: ProcessState = field(default_factory=lambda: process("catalog", caches=(cache("catalogs"),)))
    asked_most: tuple[KeysState, ...] = ()
    cleared: list[Clearing] = field(default_factory=list)
    failing: dict[str, HeadgateError] = field(default_factory=dict)
    """What an address (its path) answers instead of the truth."""
    viewing: ViewingBook = field(default_factory=ViewingBook)
    source_settings: SourceSettings = field(default_factory=SourceSettings)
    viewing_choices: ViewingSettings = field(default_factory=ViewingSettings)
    garbled: str = ""
    """An address that answers what nobody can read."""
    exported: list[str | None] = field(default_factory=list)
    """Under which passphrases."""
    asked: list[str] = field(default_factory=list)

    def fill_demo(self) -> None:
        self.addons = [addon("demo", "Public domain films", builtin=True)]
        self.rows = [row("demo.films", "Silent and early", "Public domain films")]
        self.items = {"demo.films": [meta(film) for film in FILMS]}
        self.titles = {
            str(item["id"]): {**item, "runtime": "2h 33m", "genres": ["Drama"], "imdbRating": "8.3"}
            for item in self.items["demo.films"]
        }
        self.streams = {
            str(item["id"]): StreamsPage(
                items=(
                    stream(
                        "Archive.org 1080p", "https://archive.example.org/film.mp4", "Public domain films"
                    ),
                )
            )
            for item in self.items["demo.films"]
        }


def stream(name: str, url: str | None, addon_name: str, **changes: object) -> StreamView:
    base = StreamView(
        id="s1",
        addon_id="demo",
        addon_name=addon_name,
        name=name,
        description="1920×1080, 2.4 GB",
        kind="url",
        url=url,
        why=("first in your order",),
        raw=raw({"url": url}),
    )
    return msgspec.structs.replace(base, **changes)

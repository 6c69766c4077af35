"""Which of what happened here is for Trakt, and as what. Pure: times come in as arguments."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from libs.common.contracts.viewing import EventKind, ViewingEvent
from libs.protocols.stremio.ids import split_video_id
from services.sync.model import Owner
from services.sync.outgoing_model import FRESH_MS, Kind, Live, NewOutgoing, Thing

LEAST_PLAYED_SHARE: Final = 0.5
"""No share of a video counts as watched below it (HEADGATE_WATCHED_SHARE): what does was said by hand."""

_IMDB: Final = re.compile(r"tt[0-9]{5,10}")
_NUMBER: Final = re.compile(r"[1-9][0-9]{0,9}")
_LIVE: Final[dict[EventKind, Live]] = {"started": "start", "paused": "pause", "stopped": "stop"}
_LISTED: Final[dict[EventKind, Kind]] = {"watchlist_added": "list", "watchlist_removed": "unlist"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the owner of a connection wants to be written there, of what happened since it was made."""

    scrobble: bool = True
    history: bool = True
    watchlist: bool = True
    since_ms: int = 0


def taken(event: ViewingEvent, wanted: Wanted, *, watched_share: float, now_ms: int) -> NewOutgoing | None:
    """None for what Trakt needs not know, or can't: an id of nobody else's, an old position."""
    at_ms = round(event.at.timestamp() * 1000)
    kind = _kind(event, wanted, watched_share=watched_share, fresh=at_ms > now_ms - FRESH_MS)
    if kind is None or at_ms < wanted.since_ms:
        return None
    thing = _title(event) if event.kind in _LISTED else _video(event)
    if thing is None:
        return None
    owner = Owner(event.account_id, event.profile_id)
    return NewOutgoing(owner=owner, seq=event.seq, at=at_ms, kind=kind, thing=thing, share=_share(event))


def _kind(event: ViewingEvent, wanted: Wanted, *, watched_share: float, fresh: bool) -> Kind | None:
    share = _share(event)
    if event.kind in _LIVE:
        # Near its end the play says all there is to say.
        return _LIVE[event.kind] if wanted.scrobble and fresh and share < watched_share else None
    if event.kind in _LISTED:
        return _LISTED[event.kind] if wanted.watchlist else None
    if event.kind == "unwatched":
        return "unmark" if wanted.history else None
    if share < LEAST_PLAYED_SHARE:
        return "mark" if wanted.history else None
    return "play" if wanted.history or (wanted.scrobble and fresh) else None


def _share(event: ViewingEvent) -> float:
    return min(1.0, event.position_s / event.duration_s) if event.duration_s > 0 else 0.0


def _title(event: ViewingEvent) -> Thing | None:
    if event.type == "movie":
        return _named(event.title_id, "movie")
    return _named(event.title_id, "show") if event.type == "series" else None


def _video(event: ViewingEvent) -> Thing | None:
    if event.episode is not None:
        return _named(event.title_id, "episode", 1 if event.season is None else event.season, event.episode)
    if event.type == "movie" and event.video_id == event.title_id:
        return _named(event.title_id, "movie")
    return None


def _named(title_id: str, type_: str, season: int = 0, number: int = 0) -> Thing | None:
    said = split_video_id(title_id)
    is_imdb, id_ = said.scheme == "imdb", said.title.rpartition(":")[2]
    if not (_IMDB if is_imdb else _NUMBER).fullmatch(id_):
        return None
    match said.scheme, type_:
        case "imdb" | "tmdb" as scheme, "movie" | "show" | "episode" as what:
            return Thing(type=what, scheme=scheme, id=id_, season=season, number=number)
        case "tvdb" as scheme, "show" | "episode" as what:
            return Thing(type=what, scheme=scheme, id=id_, season=season, number=number)
    return None

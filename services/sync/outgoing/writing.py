"""One thing told to Trakt, and whether it stands there already where nobody can know."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from libs.common.clock import Clock, epoch_ms
from libs.common.deadline import Deadline
from libs.protocols.times import moment_ms, moment_text
from libs.protocols.trakt.client import HistoryType, TraktClient
from libs.protocols.trakt.errors import Conflict, NothingThere
from libs.protocols.trakt.wire import HistoryItem, Ids
from libs.protocols.trakt.writing import EpisodeAt, EpisodeOf, Item, Items, Scrobble, SeasonOf
from services.sync.outgoing_model import ADDS, AT_ITS_TIME_MS, FRESH_MS, Live, Outgoing, Thing
from services.sync.store.outgoing import OutgoingStore

LEAST: Final = 1.0
"""Below it Trakt takes no scrobble."""
MOST_PAUSED: Final = 79.9
COUNTS: Final = 80.0
"""Beyond it a stop is a play at Trakt, whatever it is here."""
SKEW_MS: Final = 2 * 60 * 1000
"""What Trakt's clock may differ from ours: a scrobble carries no time."""
MAX_PAGES: Final = 40
SECOND_MS: Final = 1000

UNKNOWN_THERE: Final = "Trakt does not know this title."


@dataclass(frozen=True, slots=True)
class Landed:
    """Trakt has it: a play at `at` of its history, everything else at no time."""

    at: int | None = None


@dataclass(frozen=True, slots=True)
class Missed:
    """Trakt has answered, and will not have it."""

    reason: str


class Writing:
    """Raises only TraktError."""

    def __init__(self, store: OutgoingStore, clock: Clock, *, call_s: float) -> None:
        self._store = store
        self._clock = clock
        self._call_s = call_s

    async def write(self, client: TraktClient, one: Outgoing, *, scrobble: bool) -> Landed | Missed:
        """`scrobble`: whether a play may be told as what a player does now. It has been on disk that this is
        under way: where it ends without an answer, `find` comes before the next try."""
        within = Deadline.after(self._clock, self._call_s)
        match one.kind:
            case "start" | "pause" | "stop" as action:
                return await self._scrobble(client, one, action, within)
            case "play" if scrobble and self.is_scrobble(one, epoch_ms(self._clock)):
                return await self._scrobble_play(client, one, within)
            case "play" | "mark":
                return await self._add(client, one, within)
            case "unmark":
                await client.remove_history(_items(one.thing), deadline=within)
                return Landed()
            case "list":
                changed = await client.add_watchlist(_items(one.thing), deadline=within)
                return Missed(UNKNOWN_THERE) if changed.not_found.any else Landed()
            case "unlist":
                await client.remove_watchlist(_items(one.thing), deadline=within)
                return Landed()

    async def find(self, client: TraktClient, one: Outgoing) -> Landed | None:
        """The play, if it stands in the history: more of them than those known of. None where it isn't, and
        for all that may be done twice."""
        if one.kind not in ADDS:
            return None
        second = one.at // SECOND_MS * SECOND_MS
        ranges = [(second, second + SECOND_MS)]
        if one.kind == "play" and self.counts(one, one.sent_at):
            ranges.append((one.sent_at - SKEW_MS, epoch_ms(self._clock) + SKEW_MS))
        plays = await self._plays(client, one.thing, min(ranges)[0], max(until for _, until in ranges))
        for from_ms, until_ms in ranges:
            there = [at for at in plays if from_ms <= at < until_ms]
            if len(there) > await self._store.landed(one, from_ms, until_ms):
                return Landed(max(there))
        return None

    @staticmethod
    def counts(one: Outgoing, now_ms: int) -> bool:
        """Whether it is of now, and Trakt would count a stop there as the play."""
        return one.share * 100 > COUNTS and one.at > now_ms - FRESH_MS

    @classmethod
    def is_scrobble(cls, one: Outgoing, now_ms: int) -> bool:
        """Whether it is told as a stop, to which Trakt gives its own time. What was begun to be told so goes
        on so: Trakt knows it again, whatever its clock says."""
        told_at = one.sent_at if one.state == "sending" else now_ms
        return cls.counts(one, now_ms) and one.at > told_at - AT_ITS_TIME_MS

    @staticmethod
    async def _scrobble(client: TraktClient, one: Outgoing, action: Live, within: Deadline) -> Landed:
        progress = max(LEAST, min(MOST_PAUSED, one.share * 100))
        # A title that Trakt does not know has no place there: nothing is lost, and nobody can do anything.
        with suppress(Conflict, NothingThere):
            await client.scrobble(action, progress, _scrobbled(one.thing), deadline=within)
        return Landed()

    async def _scrobble_play(self, client: TraktClient, one: Outgoing, within: Deadline) -> Landed | Missed:
        try:
            told = await client.scrobble("stop", one.share * 100, _scrobbled(one.thing), deadline=within)
        except Conflict as conflict:
            # Whoever told it: it was this one's stop, seconds ago.
            return Landed(moment_ms(conflict.watched_at) or epoch_ms(self._clock))
        except NothingThere:
            return Missed(UNKNOWN_THERE)
        if told.action == "scrobble" or told.id:
            return Landed(epoch_ms(self._clock))
        return await self._add(client, one, within)

    @staticmethod
    async def _add(client: TraktClient, one: Outgoing, within: Deadline) -> Landed | Missed:
        second = one.at // SECOND_MS * SECOND_MS
        changed = await client.add_history(_items(one.thing, moment_text(second)), deadline=within)
        # Of an episode that a show hasn't, nothing is said to be missing.
        if changed.not_found.any or not changed.added.all + changed.updated.all:
            return Missed(UNKNOWN_THERE)
        return Landed(second)

    async def _plays(self, client: TraktClient, thing: Thing, from_ms: int, until_ms: int) -> list[int]:
        type_: HistoryType = "movies" if thing.type == "movie" else "episodes"
        found = list[int]()
        for number in range(1, MAX_PAGES + 1):
            page = await client.history(
                number,
                type_=type_,
                # A second more on either side: whether the ends belong to it is nowhere said.
                start_at=moment_text(from_ms - SECOND_MS),
                end_at=moment_text(until_ms + SECOND_MS),
                deadline=Deadline.after(self._clock, self._call_s),
            )
            found += [at for item in page.items if (at := _played(item, thing)) is not None]
            if page.is_last:
                break
        return found


def _played(item: HistoryItem, thing: Thing) -> int | None:
    """When, if it is a play of that thing."""
    whose, episode = (item.movie if thing.type == "movie" else item.show), item.episode
    place = (0, 0) if episode is None else (episode.season, episode.number)
    if thing.type != "movie" and place != (thing.season, thing.number):
        return None
    if whose is None or whose.ids is None or getattr(whose.ids, thing.scheme) != _id(thing):
        return None
    return moment_ms(item.watched_at)


def _id(thing: Thing) -> str | int:
    return thing.id if thing.scheme == "imdb" else int(thing.id)


def _ids(thing: Thing) -> Ids:
    match thing.scheme:
        case "imdb":
            return Ids(imdb=thing.id)
        case "tmdb":
            return Ids(tmdb=int(thing.id))
        case "tvdb":
            return Ids(tvdb=int(thing.id))


def _items(thing: Thing, watched_at: str | None = None) -> Items:
    ids = _ids(thing)
    match thing.type:
        case "movie":
            return Items(movies=[Item(ids=ids, watched_at=watched_at)])
        case "show":
            return Items(shows=[Item(ids=ids, watched_at=watched_at)])
        case "episode":
            episode = EpisodeOf(number=thing.number, watched_at=watched_at)
            return Items(shows=[Item(ids=ids, seasons=[SeasonOf(number=thing.season, episodes=[episode])])])


def _scrobbled(thing: Thing) -> Scrobble:
    if thing.type == "movie":
        return Scrobble(movie=Item(ids=_ids(thing)))
    return Scrobble(show=Item(ids=_ids(thing)), episode=EpisodeAt(season=thing.season, number=thing.number))

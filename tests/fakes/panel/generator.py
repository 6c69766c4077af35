"""A panel's library made of a seed: any row on its own, lists as a stream of JSON, and the days after.

    library = Library(seed=7, films=150_000, channels=20_000, series=40_000)
    for chunk in library.json("vod"): …
    tomorrow = library.evolved(seed=1, share=0.01)
    tomorrow.last_changes("vod").removed

Nothing is kept: a row is made of the seed and its index whenever it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import orjson

from tests.fakes.panel import names, rows, words
from tests.fakes.panel.draws import Draws, falls_in, mixed
from tests.fakes.panel.rows import CHANGE_KEYS, KINDS, MADE_AT, Kind, Row

DAY_S: Final = 86_400
ROWS_A_CHUNK: Final = 200
COPIES: Final = 0.18
"""The share of rows that are another quality or language of a title that is there already."""
_SALTS: Final[dict[Kind, int]] = {"live": 11 << 40, "vod": 23 << 40, "series": 37 << 40}
_FIRST_ID: Final[dict[Kind, int]] = {"live": 1000, "vod": 1500, "series": 2}
_FIRST_CATEGORY: Final[dict[Kind, int]] = {"live": 10, "vod": 300, "series": 600}
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


@dataclass(frozen=True, slots=True)
class Day:
    """What a day did: `first_new` by kind is the index of the first row that came on it."""

    seed: int
    share: float
    first_new: dict[Kind, int]


@dataclass(frozen=True, slots=True)
class Changes:
    """Ids of one kind."""

    added: frozenset[int]
    changed: frozenset[int]
    removed: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Library:
    """Namespaces of ids overlap between kinds, as on real panels.

    "xc" rows have the fields of the captures and, for `tmdb_share` of films and series, an id of TMDB; "xui"
    rows are about three times as large. Numbers of rows count what is sent: one removed row renumbers all
    that follow it.
    """

    seed: int = 1
    films: int = 300
    channels: int = 100
    series: int = 50
    flavour: Literal["xc", "xui"] = "xc"
    tmdb_share: float = 0.6
    categories: int = 24
    days: tuple[Day, ...] = ()

    def size(self, kind: Kind) -> int:
        """How many rows there ever were: indexes are below it."""
        return {"live": self.channels, "vod": self.films, "series": self.series}[kind]

    def evolved(self, seed: int, share: float = 0.01) -> Library:
        """The next day: `share` of the rows gone, as many changed, as many new ones at the end.

        Of the changed ones only some say so by `added` or `last_modified`.
        """
        day = Day(seed, share, {kind: self.size(kind) for kind in KINDS})
        grown = {kind: size + round(size * share) for kind, size in day.first_new.items()}
        return replace(
            self,
            films=grown["vod"],
            channels=grown["live"],
            series=grown["series"],
            days=(*self.days, day),
        )

    def touched(self, kind: Kind, index: int) -> tuple[int, ...] | None:
        """The numbers of the days that changed the row; None if one removed it."""
        if not self.days:
            return ()
        found: tuple[int, ...] = ()
        for number, day in enumerate(self.days):
            if index < day.first_new[kind]:
                salt = day.seed * 7919 + _SALTS[kind]
                if falls_in(day.share, salt, index):
                    return None
                if falls_in(day.share / (1 - day.share), salt + 1, index):
                    found += (number,)
        return found

    def last_changes(self, kind: Kind) -> Changes:
        """What the last day did, by id."""
        day = self.days[-1]
        before, today = replace(self, days=self.days[:-1]), len(self.days) - 1
        changed, removed = set(), set()
        for index in range(day.first_new[kind]):
            if before.touched(kind, index) is None:
                continue
            touched = self.touched(kind, index)
            if touched is None:
                removed.add(self.id_of(kind, index))
            elif today in touched:
                changed.add(self.id_of(kind, index))
        added = frozenset(self.id_of(kind, index) for index in range(day.first_new[kind], self.size(kind)))
        return Changes(added, frozenset(changed), frozenset(removed))

    def id_of(self, kind: Kind, index: int) -> int:
        """Stable over the days, with gaps."""
        return _FIRST_ID[kind] + index * 3 + mixed(self.seed + _SALTS[kind], index) % 3

    def index_of(self, kind: Kind, id_: int) -> int | None:
        """None if there is no such row, or no longer."""
        index = (id_ - _FIRST_ID[kind]) // 3
        if not 0 <= index < self.size(kind) or self.id_of(kind, index) != id_:
            return None
        return None if self.touched(kind, index) is None else index

    def work(self, kind: Literal["vod", "series"], index: int) -> names.Work:
        """What the row is really of, whatever its name says."""
        salt = self.seed * 31 + _SALTS[kind]
        number = index
        while number > 8 and falls_in(COPIES, salt + 5, number):
            number = mixed(salt + 6, number) % number
        return names.work(kind, number, salt + 7)

    def category_rows(self, kind: Kind) -> list[Row]:
        first = _FIRST_CATEGORY[kind]
        return [
            {
                "category_id": str(first + number),
                "category_name": _category_name(kind, number),
                "parent_id": 0,
            }
            for number in range(self.categories)
        ]

    def rows(self, kind: Kind, category_id: str | None = None) -> Iterator[Row]:
        """In the panel's order, those of one category if one is named, and numbered as sent."""
        number = 0
        for index in range(self.size(kind)):
            touched = self.touched(kind, index)
            if touched is None:
                continue
            if category_id is None or self._category(kind, index, touched) == category_id:
                number += 1
                row = self._row(kind, index, touched)
                row["num"] = number
                yield row

    def row(self, kind: Kind, id_: int) -> Row | None:
        """By its id; not numbered."""
        index = self.index_of(kind, id_)
        return None if index is None else self._row(kind, index, self.touched(kind, index) or ())

    def json(self, kind: Kind, category_id: str | None = None) -> Iterator[bytes]:
        return json_list(self.rows(kind, category_id))

    def _row(self, kind: Kind, index: int, touched: tuple[int, ...]) -> Row:
        draws = Draws(self.seed * 31 + _SALTS[kind] + 9, index)
        id_ = self.id_of(kind, index)
        of = None if kind == "live" else self.work(kind, index)
        if of is None:
            row = rows.channel_row(id_, draws)
        else:
            row = rows.film_row(id_, of, draws) if kind == "vod" else rows.series_row(id_, of, draws)
        row["category_id"] = self._category(kind, index, touched)
        if index >= self._first_of_day_one(kind):
            row[CHANGE_KEYS[kind]] = str(self._born(kind, index) - draws.below(DAY_S))
        for number in touched:
            self._change(kind, row, number, index)
        if self.flavour == "xui":
            rows.enrich(kind, row, of, draws)
        if of is not None and self.tmdb_share:
            has_id = falls_in(self.tmdb_share, self.seed + _SALTS[kind] + 13, index)
            rows.name_tmdb(row, of.tmdb_id if has_id else None, draws)
        return row

    def _first_of_day_one(self, kind: Kind) -> int:
        return self.days[0].first_new[kind] if self.days else self.size(kind)

    def _born(self, kind: Kind, index: int) -> int:
        """When the day ended that brought the row."""
        day = sum(index >= day.first_new[kind] for day in self.days)
        return MADE_AT + day * DAY_S

    def _category(self, kind: Kind, index: int, touched: tuple[int, ...]) -> str | None:
        place = mixed(self.seed + _SALTS[kind] + 3, index)
        if place % 64 == 63 and kind != "vod":
            return None
        among = self.categories
        # The lesser of two draws: the first categories are the large ones.
        number = min(place // 64 % among, place // 65_536 % among)
        for day in touched:
            if self.aspect(day, index) == 2:
                number = (number + 1 + day % (among - 1)) % among
        return str(_FIRST_CATEGORY[kind] + number)

    def aspect(self, day: int, index: int) -> int:
        """What a day changed of a row: 0 name and time, 1 rating or guide, 2 category, 3 a picture.

        A series gets an episode, and a new time, by 0 and 1.
        """
        return mixed(self.days[day].seed + 17, index) % 4

    def _change(self, kind: Kind, row: Row, day: int, index: int) -> None:
        draws = Draws(self.days[day].seed + 19, index)
        aspect = self.aspect(day, index)
        if aspect == 0 or (kind == "series" and aspect == 1):
            row[CHANGE_KEYS[kind]] = str(MADE_AT + (day + 1) * DAY_S - draws.below(DAY_S))
        if aspect == 0 and kind != "series":
            row["name"] = f"{row['name']} [{draws.pick(names.QUALITIES)}]"
        elif aspect == 1 and kind == "live":
            row["epg_channel_id"] = f"moved{day}.{row['epg_channel_id'] or 'new'}"
        elif aspect == 1 and kind == "vod":
            row["rating"] = f"{(float(row['rating'] or 0) + 1.3) % 10:.2g}"
        elif aspect == 3 or (aspect == 2 and row["category_id"] is None):
            row["cover" if kind == "series" else "stream_icon"] = rows.picture(draws, f"day{day}")


def json_list(of: Iterable[Row]) -> Iterator[bytes]:
    """One JSON array, some hundred rows at a time."""
    opened, batch = b"[", []
    for row in of:
        batch.append(row)
        if len(batch) == ROWS_A_CHUNK:
            yield opened + php_json(batch)[1:-1]
            opened = b","
            batch.clear()
    yield (opened + php_json(batch)[1:-1] if batch else opened.strip(b",")) + b"]"


def php_json(value: Any) -> bytes:
    """As PHP writes it: slashes and everything beyond ASCII escaped."""
    data = orjson.dumps(value).replace(b"/", b"\\/")
    return data if data.isascii() else _NOT_ASCII.sub(_escaped, data.decode()).encode()


def _escaped(found: re.Match[str]) -> str:
    units = found.group().encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _category_name(kind: Kind, number: int) -> str:
    draws = Draws(_SALTS[kind], number)
    if kind == "live":
        return f"{words.COUNTRIES[number % len(words.COUNTRIES)]}: {draws.pick(words.THEMES[:10]).upper()}"
    if number % 8 == 0:
        return str(2026 - number // 8)  # categories of digits alone
    genre = words.GENRES[number % len(words.GENRES)]
    return genre if number % 2 else f"{draws.pick(words.LANGUAGES)} | {genre.upper()}"

"""Lines of rows read: cut to what is stored, so that nothing a provider says can hurt later."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import msgspec

from libs.common.contracts.handover import EpisodeRow, ItemRow, ProgrammeRow
from libs.common.db import Value
from libs.common.secrets import SecretBox
from libs.titles.folding import MAX_CHARS
from services.catalog.errors import LibraryRowsUnreadable

R = TypeVar("R", ItemRow, EpisodeRow, ProgrammeRow)

URL_CHARS: Final = 4000
NAME_CHARS: Final = 200
"""Of a category or a guide id."""
WORDS_CHARS: Final = 2000
TEXT_CHARS: Final = 4000
MORE_CHARS: Final = 64_000
"""JSON can't be cut: what is longer isn't kept."""
EXTENSION_CHARS: Final = 16
MOST_CATEGORIES: Final = 20
"""Of one item."""
_INTEGER: Final = 2**31
_BIG: Final = 2**63


@dataclass(frozen=True, slots=True)
class Names:
    """What stands for what a provider names."""

    categories: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    genres: Mapping[str, int | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of items. `words` says in how many of them each is."""

    rows: list[ItemRow]
    words: Counter[str]
    categories: set[str]
    languages: set[str]
    genres: set[str]


def rows_of(line: bytes, type_: type[R]) -> list[R]:
    """Raises LibraryRowsUnreadable."""
    wanted: Any = list[type_]  # type: ignore[valid-type]  # known when it runs
    try:
        rows: list[R] = msgspec.json.decode(line, type=wanted)
    except msgspec.MsgspecError as error:
        raise LibraryRowsUnreadable(f"A line of rows can't be read: {error}.") from error
    # PostgreSQL holds no NUL, and nobody wrote one on purpose.
    return [_without_nul(row) for row in rows] if b"\\u0000" in line else rows


def read_items(line: bytes) -> Line:
    """Of a number that comes twice, the last. Raises LibraryRowsUnreadable."""
    rows = list({row.panel_id: row for row in rows_of(line, ItemRow)}.values())
    words = Counter[str]()
    categories, languages, genres = set[str](), set[str](), set[str]()
    for row in rows:
        words.update(set(row.words[:WORDS_CHARS].split(" ")))
        categories.update(row.categories[:MOST_CATEGORIES])
        languages.add(row.language)
        genres.update(row.genres)
    del words[""]
    return Line(rows, words, {cut for name in categories if (cut := name[:NAME_CHARS])}, languages, genres)


class Contents:
    """Makes of rows what is stored of them: the columns of items but the id, in their order."""

    def __init__(self, number: int, kind: int, names: Names, box: SecretBox) -> None:
        self._number = number
        self._kind = kind
        self._names = names
        self._box = box

    def of(self, row: ItemRow) -> tuple[Value, ...]:
        names, mask = self._names, 0
        for genre in row.genres:
            if (bit := names.genres.get(genre)) is not None:
                mask |= 1 << bit
        return (
            self._number,
            self._kind,
            row.panel_id,
            row.hash,
            row.name[:MAX_CHARS],
            row.title[:MAX_CHARS],
            row.sort[:MAX_CHARS],
            integer(row.year),
            integer(row.rating),
            row.added if 0 < row.added < _BIG else 0,
            names.categories.get(row.categories[0][:NAME_CHARS], 0) if row.categories else 0,
            names.languages.get(row.language, 0),
            mask,
            integer(row.tmdb),
            integer(row.imdb),
            row.guide_id[:NAME_CHARS],
            row.icon if len(row.icon) <= URL_CHARS else "",
            row.extension[:EXTENSION_CHARS],
            row.words[:WORDS_CHARS],
            row.more if len(row.more) <= MORE_CHARS else "",
            sealed(self._box, row.url, item_context(self._number, self._kind, row.panel_id)),
        )

    def others(self, row: ItemRow) -> list[int]:
        """The categories of a row but its first."""
        if len(row.categories) < 2:
            return []
        known = self._names.categories
        numbers = dict.fromkeys(known.get(name[:NAME_CHARS], 0) for name in row.categories[:MOST_CATEGORIES])
        first = known.get(row.categories[0][:NAME_CHARS], 0)
        return [number for number in numbers if number not in (0, first)]


def item_context(number: int, kind: int, panel_id: int) -> str:
    """What an item's address is sealed with: it stays where a panel's number goes to another id."""
    return f"library_items:sealed_url:{number}:{kind}:{panel_id}"


def episode_context(number: int, panel_id: int) -> str:
    return f"library_episodes:sealed_url:{number}:{panel_id}"


def sealed(box: SecretBox, url: str, context: str) -> bytes | None:
    return box.seal(url.encode(), context=context) if url and len(url) <= URL_CHARS else None


def integer(number: int | None) -> int | None:
    """Only what a column holds."""
    return number if number is not None and -_INTEGER < number < _INTEGER else None


def distinct(rows: Sequence[R], key: str) -> list[R]:
    """The last of those with the same key."""
    return list({getattr(row, key): row for row in rows}.values())


def _without_nul(row: R) -> R:
    cleaned = {
        name: value.replace("\0", "")
        if isinstance(value, str)
        else tuple(each.replace("\0", "") for each in value)
        for name in row.__struct_fields__
        if isinstance(value := getattr(row, name), (str, tuple))
    }
    return msgspec.structs.replace(row, **cleaned)

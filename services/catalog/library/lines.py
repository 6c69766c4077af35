"""Lines of rows read: cut to what is stored, so that nothing a provider says can hurt later."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import Annotated, Any, Final, TypeVar

import msgspec

from libs.common.contracts.handover import CATEGORY_CHARS, EpisodeRow, ItemRow, ProgrammeRow
from libs.common.db import Value
from libs.common.secrets import SecretBox
from libs.titles.folding import MAX_CHARS
from services.catalog.errors import LibraryRowsUnreadable

_astuple = msgspec.structs.astuple
R = TypeVar("R", ItemRow, EpisodeRow, ProgrammeRow)

URL_CHARS: Final = 4000
NAME_CHARS: Final = CATEGORY_CHARS
"""Of a category or a guide id."""
WORDS_CHARS: Final = 2000
TEXT_CHARS: Final = 4000
MORE_CHARS: Final = 64_000
"""JSON can't be cut: what is longer isn't kept."""
EXTENSION_CHARS: Final = 16
MOST_CATEGORIES: Final = 20
"""Of one item."""
_FIELDS: Final = ItemRow.__struct_fields__
_CATEGORIES, _TMDB, _URL = (_FIELDS.index(name) for name in ("categories", "tmdb", "url"))
_INTEGER: Final = 2**31
_BIG: Final = 2**63


_NUL: Final = b"\\u0000"


def _fitting() -> Callable[[bytes], list[ItemRow]]:
    """Decodes rows that can be stored as they are, and refuses others."""
    most = {
        **dict.fromkeys(("name", "title", "sort"), MAX_CHARS),
        **dict.fromkeys(("guide_id", "language"), NAME_CHARS),
        "words": WORDS_CHARS,
        "icon": URL_CHARS,
        "more": MORE_CHARS,
        "extension": EXTENSION_CHARS,
    }
    cut = Annotated[str, msgspec.Meta(max_length=NAME_CHARS)]
    several: Any = Annotated[tuple[cut, ...], msgspec.Meta(max_length=MOST_CATEGORIES)]
    number: Any = Annotated[int, msgspec.Meta(ge=0, lt=_INTEGER)] | None
    types: dict[str, Any] = {
        **{name: Annotated[str, msgspec.Meta(max_length=longest)] for name, longest in most.items()},
        **dict.fromkeys(("year", "rating", "tmdb", "imdb"), number),
        "added": Annotated[int, msgspec.Meta(ge=0)],
        "categories": several,
        "genres": several,
    }
    fields = [(one.name, types.get(one.name, one.type)) for one in msgspec.structs.fields(ItemRow)]
    fields[-1] = (*fields[-1], "")  # type: ignore[assignment]  # the address alone may be missing
    row: Any = msgspec.defstruct("FittingRow", fields, array_like=True, frozen=True, gc=False)
    return msgspec.json.Decoder(list[row]).decode


_decode_fitting = _fitting()


@dataclass(frozen=True, slots=True)
class Names:
    """What stands for what a provider names."""

    categories: Mapping[str, int] = field(default_factory=dict)
    languages: Mapping[str, int] = field(default_factory=dict)
    genres: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of items, and what they name."""

    rows: list[ItemRow]
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
    return [_without_nul(row) for row in rows] if _NUL in line else rows


def read_items(line: bytes) -> Line:
    """Of a number that comes twice, the last. Raises LibraryRowsUnreadable."""
    try:
        # Nearly every line fits as it is, and then nothing of it has to be looked at.
        rows = _decode_fitting(line)
        if _NUL in line:
            raise msgspec.ValidationError
    except msgspec.ValidationError:
        rows = [_cut(row) for row in rows_of(line, ItemRow)]
    except msgspec.DecodeError as error:
        raise LibraryRowsUnreadable(f"A line of rows can't be read: {error}.") from error
    rows = list({row.panel_id: row for row in rows}.values())
    return Line(
        rows,
        {name for names in {row.categories for row in rows} for name in names} - {""},
        {row.language for row in rows} - {""},
        {name for names in {row.genres for row in rows} for name in names} - {""},
    )


class Contents:
    """Makes of rows what is stored of them: the columns of items but the id, in their order."""

    def __init__(self, number: int, kind: int, names: Names, box: SecretBox) -> None:
        self._number = number
        self._kind = kind
        self._names = names
        self._box = box
        self._masks: dict[tuple[str, ...], int] = {(): 0}

    def of(self, row: ItemRow) -> tuple[Value, ...]:
        told, names = _astuple(row), self._names
        mask = self._masks.get(row.genres)
        return (
            self._number,
            self._kind,
            *told[:_CATEGORIES],
            names.categories.get(row.categories[0], 0) if row.categories else 0,
            names.languages.get(row.language, 0),
            self._mask(row.genres) if mask is None else mask,
            *told[_TMDB:_URL],
            self._sealed(row) if row.url else None,
        )

    def others(self, row: ItemRow) -> list[int]:
        """The categories of a row but its first."""
        if len(row.categories) < 2:
            return []
        first, *others = (self._names.categories.get(name, 0) for name in row.categories)
        return [number for number in dict.fromkeys(others) if number not in (0, first)]

    def _mask(self, genres: tuple[str, ...]) -> int:
        bits = (self._names.genres.get(genre) for genre in genres)
        self._masks[genres] = mask = reduce(or_, (1 << bit for bit in bits if bit is not None), 0)
        return mask

    def _sealed(self, row: ItemRow) -> bytes | None:
        return sealed(self._box, row.url, item_context(self._number, self._kind, row.panel_id))


def _cut(row: ItemRow) -> ItemRow:
    return msgspec.structs.replace(
        row,
        name=row.name[:MAX_CHARS],
        title=row.title[:MAX_CHARS],
        sort=row.sort[:MAX_CHARS],
        # PostgreSQL finds by words between spaces, and refuses one that is empty.
        words=row.words[:WORDS_CHARS].rstrip(),
        icon=row.icon if len(row.icon) <= URL_CHARS else "",
        more=row.more if len(row.more) <= MORE_CHARS else "",
        guide_id=row.guide_id[:NAME_CHARS],
        extension=row.extension[:EXTENSION_CHARS],
        language=row.language[:NAME_CHARS],
        categories=tuple(cut for name in row.categories[:MOST_CATEGORIES] if (cut := name[:NAME_CHARS])),
        genres=tuple(name[:NAME_CHARS] for name in row.genres[:MOST_CATEGORIES]),
        added=row.added if 0 <= row.added < _BIG else 0,
        year=integer(row.year),
        rating=integer(row.rating),
        tmdb=integer(row.tmdb),
        imdb=integer(row.imdb),
    )


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

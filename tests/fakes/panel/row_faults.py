"""What panels do to their data. Which rows are hit depends on the fault's seed and on their ids."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Final

from tests.fakes.panel import words
from tests.fakes.panel.draws import Draws, falls_in
from tests.fakes.panel.generator import php_json
from tests.fakes.panel.rows import Row, picture

if TYPE_CHECKING:
    from tests.fakes.panel.faults import Fault

FAR = 50_000_000
"""Ids from here on are of rows that a fault brought."""
UNKNOWN_CATEGORY = "999999"
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")


def id_key(row: Row) -> str:
    return next((key for key in ("stream_id", "series_id") if key in row), "category_id")


def is_hit(row: Row, fault: Fault) -> bool:
    return falls_in(fault.share, fault.seed, int(row[id_key(row)] or 0))


def _spoil(change: Callable[[Row, Draws], None]) -> Callable[[Iterator[Row], Fault], Iterator[Row]]:
    """A fault that changes single rows."""

    def spoiled(rows: Iterator[Row], fault: Fault) -> Iterator[Row]:
        for row in rows:
            if is_hit(row, fault):
                change(row, Draws(fault.seed + 1, int(row[id_key(row)] or 0)))
            yield row

    return spoiled


def as_text(value: Any) -> Any:
    match value:
        case dict():
            return {key: as_text(each) for key, each in value.items()}
        case list():
            return [as_text(each) for each in value]
        case int() | float() if not isinstance(value, bool):
            return str(value)
    return value


def as_numbers(value: Any) -> Any:
    """As PHP's JSON_NUMERIC_CHECK: titles of digits become numbers too."""
    match value:
        case dict():
            return {key: as_numbers(each) for key, each in value.items()}
        case list():
            return [as_numbers(each) for each in value]
        case str() if _NUMBER.fullmatch(value):
            return float(value) if "." in value else int(value)
    return value


def _set(**members: Any) -> Callable[[Row, Draws], None]:
    """Members that the row has get another value."""

    def change(row: Row, _draws: Draws) -> None:
        row.update({key: value for key, value in members.items() if key in row})

    return change


def category_ids_only(row: Row, _draws: Draws) -> None:
    if "category_name" not in row:
        category = row.pop("category_id", None)
        row["category_ids"] = [int(category)] if category else []


def rating_comma(row: Row, _draws: Draws) -> None:
    if row.get("rating"):
        row["rating"] = f"{float(row['rating']):.1f}".replace(".", ",")


def backdrop(row: Row, draws: Draws) -> None:
    if "backdrop_path" in row:
        row["backdrop_path"] = draws.pick((picture(draws, "wide"), None, ""))


def other_title(row: Row, draws: Draws) -> None:
    """The id stays, and so does the time."""
    name = f"{draws.pick(words.NAMES)} Meets {draws.pick(words.NAMES)} {draws.between(2, 99)}"
    for key in ("tmdb", "tmdb_id"):
        row.pop(key, None)
    for key in ("name", "title"):
        if key in row:
            row[key] = name


def without_added(row: Row, _draws: Draws) -> None:
    for key in ("added", "last_modified"):
        if key in row:
            row[key] = ""


def nothing(_rows: Iterator[Row], _fault: Fault) -> Iterator[Row]:
    return iter(())


def duplicates(rows: Iterator[Row], fault: Fault) -> Iterator[Row]:
    """Rows that are hit come three times, each time with another id."""
    for row in rows:
        yield row
        if is_hit(row, fault):
            key = id_key(row)
            yield row | {key: int(row[key]) + FAR}
            yield row | {key: int(row[key]) + 2 * FAR}


def disappearance(rows: Iterator[Row], fault: Fault) -> Iterator[Row]:
    return (row for row in rows if not is_hit(row, fault))


def huge(rows: Iterator[Row], fault: Fault) -> Iterator[Row]:
    """The rows again and again, with new ids, until the list is as long as that."""
    kept: list[Row] = []
    size = 0
    for row in rows:
        if len(kept) < 200:
            kept.append(row)
        size += len(php_json(row)) + 1
        yield row
    for number in itertools.count() if kept else ():
        if size >= fault.size_bytes:
            return
        row = kept[number % len(kept)]
        more = row | {id_key(row): FAR + number}
        size += len(php_json(more)) + 1
        yield more


ROWS: Final[dict[str, Callable[[Iterator[Row], Fault], Iterator[Row]]]] = {
    "empty_list_intermittent": nothing,
    "whole_[]": nothing,
    "numbers_as_strings": lambda rows, fault: (as_text(row) if is_hit(row, fault) else row for row in rows),
    "strings_as_numbers": lambda rows, fault: (
        as_numbers(row) if is_hit(row, fault) else row for row in rows
    ),
    "null_name": _spoil(_set(name=None)),
    "null_category": _spoil(_set(category_id=None)),
    "unknown_category_id": _spoil(_set(category_id=UNKNOWN_CATEGORY)),
    "category_ids_only": _spoil(category_ids_only),
    "rating_comma": _spoil(rating_comma),
    "backdrop": _spoil(backdrop),
    'added_""': _spoil(without_added),
    "duplicate_title_many_ids": duplicates,
    "id_reused_for_other_title": _spoil(other_title),
    "mass_disappearance": disappearance,
    "json_100MB": huge,
}
"""Faults of lists."""


def episodes_array(answer: Any, _fault: Fault) -> Any:
    """As PHP writes keys that begin with 0; a series without specials gets one, which can't be played."""
    episodes = answer.get("episodes") if isinstance(answer, dict) else None
    if not episodes:
        return answer
    of_first = episodes["1"][0]
    special = of_first | {"id": str(int(of_first["id"]) + FAR), "title": "Special", "season": 0}
    listed = [episodes.get("0", [special])]
    listed += [episodes.get(str(season), []) for season in range(1, max(map(int, episodes)) + 1)]
    return answer | {"episodes": listed}


def episodes_missing(answer: Any, fault: Fault) -> Any:
    """Absent, or an empty list at every second time."""
    if not isinstance(answer, dict) or "episodes" not in answer:
        return answer
    bare = {key: value for key, value in answer.items() if key != "episodes"}
    return bare | {"episodes": []} if fault.shown % 2 == 0 else bare


def info_list(answer: Any, _fault: Fault) -> Any:
    """Of a film: all that is told. Of a series: the info of its episodes, one of three as ""."""
    match answer:
        case {"episodes": dict() as episodes}:
            emptied = {
                season: [each | {"info": [] if number % 3 else ""} for number, each in enumerate(listed, 1)]
                for season, listed in episodes.items()
            }
            return answer | {"episodes": emptied}
        case {"info": _}:
            return {"info": []}
    return answer


def _in_objects(change: Callable[[Row, Draws], None]) -> Callable[[Any, Fault], Any]:
    """The same fault in what is told of one film or series."""

    def changed(answer: Any, fault: Fault) -> Any:
        draws = Draws(fault.seed, fault.shown)
        if isinstance(answer, dict):
            episodes = answer.get("episodes")
            listed = episodes.values() if isinstance(episodes, dict) else ()
            for each in (answer.get("info"), answer.get("movie_data"), *itertools.chain(*listed)):
                if isinstance(each, dict):
                    change(each, draws)
        return answer

    return changed


OBJECTS: Final[dict[str, Callable[[Any, Fault], Any]]] = {
    "whole_[]": lambda _answer, _fault: [],
    "empty_list_intermittent": lambda _answer, _fault: [],
    "info_[]": info_list,
    "episodes_array": episodes_array,
    "episodes_missing": episodes_missing,
    "numbers_as_strings": lambda answer, _fault: as_text(answer),
    "strings_as_numbers": lambda answer, _fault: as_numbers(answer),
    "null_name": _in_objects(_set(name=None, title=None)),
    "null_category": _in_objects(_set(category_id=None)),
    "rating_comma": _in_objects(rating_comma),
    "backdrop": _in_objects(backdrop),
    'added_""': _in_objects(without_added),
}
"""Faults of what is told of one film, series, channel or account."""

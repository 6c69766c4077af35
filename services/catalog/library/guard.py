"""What keeps a broken answer from emptying a library, and a panel that renumbers from renaming it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from rapidfuzz.fuzz import ratio

from services.catalog.store.library.items import Likeness

SMALL: Final = 50
"""Of fewer items any number may go at once, but not all."""
SAME_TITLE: Final = 50.0
"""Below it, titles have nothing but single letters in common."""


def refusal(held: int, going: int, *, max_removed: float, what: str) -> str:
    """Why so many must not go, "" if they may. A share of 1 lets everything go."""
    if max_removed >= 1 or not going:
        return ""
    if going >= held:
        return (
            f"It would remove all {held:,} {what}, so they stay. If they are really gone, clear the account"
            " (which also forgets favourites in it)."
        )
    if held >= SMALL and going > max_removed * held:
        return (
            f"It would remove {going:,} of {held:,} {what}, more than {max_removed:.0%} at once"
            " (HEADGATE_LIBRARY_MAX_REMOVED), so they stay. If they are really gone, clear the account."
        )
    return ""


def is_another_title(
    old: tuple[str, int | None, int | None], new: tuple[str, int | None, int | None]
) -> bool:
    """Whether a panel has given a number to something else. Told by folded title, year and TMDB's number."""
    (old_sort, old_year, old_tmdb), (new_sort, new_year, new_tmdb) = old, new
    if old_sort == new_sort or (old_tmdb is not None and old_tmdb == new_tmdb):
        return False
    if old_year is not None and old_year == new_year:
        return False
    return ratio(old_sort, new_sort) < SAME_TITLE


def paired(gone: Sequence[Likeness], new: Sequence[Likeness]) -> list[tuple[Likeness, Likeness]]:
    """Those that are gone and those that are new, where one of each is alike and no other."""
    singles = _singles(new)
    pairs = [
        (old, alike)
        for key, old in _singles(gone).items()
        if old is not None and (alike := singles.get(key)) is not None
    ]
    taken = {one.id for pair in pairs for one in pair}
    return pairs + _paired_by_name(
        [one for one in gone if one.id not in taken], [one for one in new if one.id not in taken]
    )


def _paired_by_name(gone: Iterable[Likeness], new: Iterable[Likeness]) -> list[tuple[Likeness, Likeness]]:
    """Where the list is silent about a year or TMDB's number, details may have told those of the old one."""
    by_name = defaultdict[tuple[str, int, str], tuple[list[Likeness], list[Likeness]]](lambda: ([], []))
    for at, items in enumerate((gone, new)):
        for item in items:
            by_name[item.name, item.language, item.extension][at].append(item)
    return [
        (olds[0], alike[0])
        for olds, alike in by_name.values()
        if len(olds) == len(alike) == 1 and _says_no_other(olds[0], alike[0])
    ]


def _says_no_other(old: Likeness, new: Likeness) -> bool:
    return new.year in (None, old.year) and new.tmdb in (None, old.tmdb)


def _singles(items: Iterable[Likeness]) -> dict[tuple[object, ...], Likeness | None]:
    found = dict[tuple[object, ...], Likeness | None]()
    for item in items:
        key = (item.sort, item.year, item.language, item.extension, item.tmdb)
        found[key] = None if key in found else item
    return found

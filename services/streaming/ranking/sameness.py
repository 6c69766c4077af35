"""Which sources are one file. What is not said is never taken for equal, and likeness doesn't spread.

Sure: the same address with the same headers; the same file of the same torrent. Beyond that a file is known
by its whole name, and only with another sign beside it: the same torrent, or the same size. Sizes are the
same where both were counted and are equal to the byte, or where what was written may be the same number of
bytes and was written to half a percent. All of a group fit each other, not only the one beside them.
"""

from __future__ import annotations

from collections.abc import Sequence

from services.streaming.ranking.understanding import Source

Group = list[int]
"""The places of sources that are one file, in their order."""


def groups(sources: Sequence[Source]) -> list[Group]:
    sure: dict[tuple[object, ...], Group] = {}
    for place, source in enumerate(sources):
        sure.setdefault(_certain(source), []).append(place)
    by_name: dict[tuple[str, ...], list[Group]] = {}
    found: list[Group] = []
    for group in sure.values():
        file = next((sources[place].file for place in group if sources[place].file), ())
        if not file:
            found.append(group)
            continue
        _join(group, by_name.setdefault(file, []), sources)
    return sorted((*found, *(group for alike in by_name.values() for group in alike)))


def _join(group: Group, alike: list[Group], sources: Sequence[Source]) -> None:
    """To those of its name that are the same file: it may be what shows that two of them are one."""
    joined = group
    for other in [other for other in alike if _is_same(other, group, sources)]:
        if joined is group or not _any_differ(joined, other, sources):
            alike.remove(other)
            joined = sorted((*joined, *other))
    alike.append(joined)


def _certain(source: Source) -> tuple[object, ...]:
    if source.file_index is not None:
        return ("torrent", source.info_hash, source.file_index)
    return source.stream.identity


def _is_same(one: Group, other: Group, sources: Sequence[Source]) -> bool:
    if _any_differ(one, other, sources):
        return False
    return any(_agree(sources[a], sources[b]) for a in one for b in other)


def _any_differ(one: Group, other: Group, sources: Sequence[Source]) -> bool:
    return any(_differ(sources[a], sources[b]) for a in one for b in other)


def _differ(one: Source, other: Source) -> bool:
    if one.file and other.file and one.file != other.file:
        return True
    if one.size is not None and other.size is not None and not one.size.may_be(other.size):
        return True
    return (
        one.info_hash == other.info_hash
        and one.file_index is not None
        and other.file_index is not None
        and one.file_index != other.file_index
    )


def _agree(one: Source, other: Source) -> bool:
    if one.info_hash and one.info_hash == other.info_hash:
        return True
    if one.size is None or other.size is None or not one.size.may_be(other.size):
        return False
    return one.size.is_fine and other.size.is_fine

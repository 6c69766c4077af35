"""The same file by several addons is one; another file never is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import count
from typing import Any

import msgspec
import pytest

from benchmarks.sources.made import sightings
from benchmarks.sources.sameness import judged
from services.streaming.ranking import sameness
from services.streaming.ranking.sameness import MOST_COMPARED, groups
from services.streaming.ranking.understanding import Source, understood
from tests.streaming.ranking.making import link, torrent

NAME = "Film.2020.1080p.WEB-DL.DDP5.1.H.264-GRP.mkv"
MANY = 2_000


def test_no_other_file_is_taken_for_one_and_hardly_any_same_is_missed() -> None:
    counts = [judged(sightings(seed, files=40, is_episode=seed % 2 == 0)) for seed in range(12)]
    right, wrong, missed = (sum(each) for each in zip(*counts, strict=True))
    assert wrong == 0
    assert right / (right + missed) >= 0.98


def source(**members: Any) -> Source:
    found = understood(msgspec.json.encode(members), "one")
    assert found is not None
    return found


def sized(size: int, address: int) -> Source:
    return source(**link(NAME, size, url=f"https://cdn.example/{address}"))


@pytest.fixture
def compared(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often two are held against each other."""
    calls: Counter[str] = Counter()
    differ = sameness._differ

    def counted(*files: Any) -> bool:
        calls["differ"] += 1
        return differ(*files)

    monkeypatch.setattr(sameness, "_differ", counted)
    return calls


def of_other_sizes() -> Iterator[Source]:
    return (sized(10**9 + number, number) for number in count())


def of_a_pack() -> Iterator[Source]:
    return (source(**torrent(NAME, index=number)) for number in count())


def of_a_crowd() -> Iterator[Source]:
    return (sized(10**9 + number % 2, number) for number in count())


@pytest.mark.parametrize(("made", "files"), [(of_other_sizes, MANY), (of_a_pack, MANY), (of_a_crowd, 2)])
def test_many_of_one_name_are_compared_with_a_few_each(compared: Counter[str], made: Any, files: int) -> None:
    sources = [source for source, _ in zip(made(), range(MANY), strict=False)]
    assert len(groups(sources)) == files
    assert compared["differ"] <= (MOST_COMPARED + 2) * MANY


def test_beyond_those_that_are_compared_the_same_size_or_torrent_is_still_found() -> None:
    others = [sized(10**9 + number, number) for number in range(3 * MOST_COMPARED)]
    again = [sized(10**9 + number, number + 1000) for number in range(3 * MOST_COMPARED)]
    found = groups([*others, *again])
    assert found == [[place, place + len(others)] for place in range(len(others))]
    pack = [
        *(
            source(**torrent(NAME, infoHash=f"{number:040x}", title=NAME))
            for number in range(3 * MOST_COMPARED)
        ),
        *(
            source(**link(NAME, url=f"https://cdn.example/{number:040x}/a"))
            for number in range(3 * MOST_COMPARED)
        ),
    ]
    assert {len(group) for group in groups(pack)} == {2}

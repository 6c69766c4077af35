"""Answers made ready to send are few and small enough, whatever is asked."""

from __future__ import annotations

import gc

from libs.common.cache import Entry
from libs.common.tasks import Tasks
from services.gateway.answers import Answer, Answers
from services.gateway.face import MAX_REMEMBERED_CHARS, Question
from tests.gateway.conftest import Client
from tests.gateway.inner import INSTALL_TOKEN, Canned, Inner

KB = 1024


def entry(size: int = 10 * KB) -> Entry:
    return Entry(b"x" * size, 0, 60, 60, 60, etag='"e"', info={"status": "200"})


def kept(kind: type) -> int:
    """How many of them are alive."""
    gc.collect()
    return sum(isinstance(thing, kind) for thing in gc.get_objects())


def test_entries_the_cache_let_go_of_count_too() -> None:
    answers = Answers(max_bytes=100 * KB)
    before = kept(Answer)
    for number in range(50):
        answers.of(f"k{number}", entry())
    assert answers.bytes == 100 * KB
    assert kept(Answer) - before == 10


def test_one_that_is_too_large_is_made_and_not_kept() -> None:
    answers = Answers(max_bytes=100 * KB)
    assert answers.of("k", entry(200 * KB)).entry.value
    assert answers.bytes == 0


async def test_encodings_count_and_a_replaced_entry_does_not() -> None:
    tasks, answers = Tasks(), Answers(max_bytes=100 * KB)
    for _ in range(3):
        answer = answers.of("k", entry())
        await answers.encode("k", answer, "br", tasks)
    coded = answer.coded("br")
    assert coded is not None
    assert answers.bytes == 10 * KB + len(coded)
    await tasks.aclose()


async def test_long_paths_are_answered_and_not_remembered(gateway: Client, inner: Inner) -> None:
    """Eight thousand of eight thousand characters each would be 200 MB."""
    short, long = "meta/movie/tt1.json", f"meta/movie/{'x' * MAX_REMEMBERED_CHARS}.json"
    before = kept(Question)
    for tail in (short, long):
        inner.canned[f"/internal/stremio/{tail}"] = Canned()
        assert (await gateway.get(f"/stremio/{INSTALL_TOKEN}/{tail}")).status == 200
    assert kept(Question) - before == 1

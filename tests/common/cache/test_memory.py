"""The near tier's bounds hold whatever is put in."""

from __future__ import annotations

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st

from libs.common.cache.entry import Lives, Loaded, make_entry
from libs.common.cache.memory import OVERHEAD, MemoryTier, size_of
from libs.common.cache.tags import Marks
from tests.fakes.clock import ManualClock

Operation = tuple[str, int, tuple[str, ...]]
operations = st.lists(
    st.tuples(
        st.sampled_from("abcdefgh"),
        st.integers(0, 3000),
        st.lists(st.sampled_from("xyz"), max_size=2).map(tuple),
    ),
    max_size=60,
)


def loaded(size: int, tags: tuple[str, ...] = (), fresh_s: float = 60) -> Loaded:
    return Loaded(bytes(size), Lives(fresh_s), tags=tags)


@given(operations, st.integers(2000, 20_000))
def test_the_bytes_held_never_exceed_the_bound_and_always_add_up(
    puts: list[Operation], max_bytes: int
) -> None:
    clock, marks = ManualClock(), Marks()
    memory = MemoryTier(clock=clock, marks=marks, max_bytes=max_bytes)
    for key, size, tags in puts:
        memory.put(key, make_entry(loaded(size, tags), now=clock.time(), stamp=marks.next()))
        held = [(key, memory.fresh(key)) for key in "abcdefgh"]
        assert memory.bytes <= max_bytes
        assert memory.bytes == sum(size_of(key, entry) for key, entry in held if entry is not None)


@given(operations)
def test_an_invalidated_tag_is_never_served_from_before(puts: list[Operation]) -> None:
    clock, marks = ManualClock(), Marks()
    memory = MemoryTier(clock=clock, marks=marks, max_bytes=1 << 20)
    for number, (key, size, tags) in enumerate(puts):
        memory.put(key, make_entry(loaded(size, tags), now=clock.time(), stamp=marks.next()))
        if number % 3 == 0:
            marks.invalidate("x", marks.next())
            held = [memory.fresh(key) for key in "abcdefgh"]
            assert all("x" not in entry.tags for entry in held if entry is not None)


def test_the_least_recently_used_goes_first() -> None:
    clock, marks = ManualClock(), Marks()
    evicted: list[int] = []
    memory = MemoryTier(clock=clock, marks=marks, max_bytes=7 * OVERHEAD, evicted=lambda: evicted.append(1))
    for key in "abcde":
        memory.put(key, make_entry(loaded(10), now=clock.time(), stamp=marks.next()))
    assert memory.fresh("a") is not None
    while not evicted:
        memory.put(f"new{len(memory)}", make_entry(loaded(10), now=clock.time(), stamp=marks.next()))
    assert memory.fresh("b") is None
    assert memory.fresh("a") is not None


def test_an_entry_too_large_to_hold_pushes_nothing_out() -> None:
    clock, marks = ManualClock(), Marks()
    memory = MemoryTier(clock=clock, marks=marks, max_bytes=40_000)
    memory.put("small", make_entry(loaded(10), now=clock.time(), stamp=1))
    assert not memory.put("large", make_entry(loaded(20_000), now=clock.time(), stamp=2))
    assert memory.fresh("small") is not None
    assert memory.fresh("large") is None


def test_an_older_answer_does_not_replace_a_newer_one() -> None:
    clock, marks = ManualClock(), Marks()
    memory = MemoryTier(clock=clock, marks=marks, max_bytes=40_000)
    newer = make_entry(loaded(2), now=clock.time(), stamp=5)
    memory.put("k", newer)
    assert not memory.put("k", make_entry(loaded(1), now=clock.time(), stamp=4))
    assert memory.fresh("k") == newer


def test_the_bytes_counted_are_at_least_the_bytes_used() -> None:
    clock, marks = ManualClock(), Marks()
    memory = MemoryTier(clock=clock, marks=marks, max_bytes=1 << 30)
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        for number in range(5000):
            value, key = b"%06d" % number * 10, f"key-{number}"
            tags, info = (f"tag-{number}", f"other-{number}"), {f"name-{number}": f"text-{number}"}
            answer = Loaded(value, Lives(60.5, 1, 2), tags=tags, info=info)
            memory.put(key, make_entry(answer, now=clock.time() + number, stamp=10**15 + number))
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before <= memory.bytes <= 2 * (after - before)


def test_more_tags_than_can_be_remembered_void_entries_instead_of_reviving_them() -> None:
    clock, marks = ManualClock(), Marks(max_tags=10)
    memory = MemoryTier(clock=clock, marks=marks, max_bytes=1 << 20)
    memory.put("k", make_entry(loaded(1, ("x",)), now=clock.time(), stamp=marks.next()))
    slow = make_entry(loaded(1, ("x",)), now=clock.time(), stamp=marks.next())
    marks.invalidate("x", marks.next())
    for number in range(50):
        marks.invalidate(f"other{number}", marks.next())
    assert memory.fresh("k") is None
    assert not memory.put("late", slow)
    assert len(marks.marks) <= 10
    memory.put("k", make_entry(loaded(1, ("x",)), now=clock.time(), stamp=marks.next()))
    assert memory.fresh("k") is not None

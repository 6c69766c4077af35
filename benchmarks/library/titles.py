"""Names of films: real ones, and beyond those, halves of two put together."""

from __future__ import annotations

from random import Random

from benchmarks.titles.truth import truths

ALIKE = 0.2
"""Of the rows beyond the real names that repeat one: the same film in another language or quality."""


def real_names(*, seed: int) -> list[str]:
    """Each once, in an order that the seed makes."""
    halves = (truths("tuning", seed=seed), truths("held out", seed=seed))
    names = sorted({truth.name for half in halves for titles in half for truth in titles})
    Random(seed).shuffle(names)
    return names


def names(count: int, *, seed: int) -> list[str]:
    random = Random(seed)
    real = real_names(seed=seed)
    made = real[:count]
    while len(made) < count:
        one, other = random.choice(real), random.choice(real)
        if random.random() < ALIKE:
            made.append(one)
            continue
        first, last = one.split(), other.split()
        made.append(" ".join([*first[: max(1, len(first) // 2)], *last[len(last) // 2 :]]))
    return made

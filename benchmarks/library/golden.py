"""What people type when they look for a title, and what they mean: only what fits one title alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from rapidfuzz import fuzz, process

from benchmarks.titles.noise import accents_lost, mistyped
from libs.titles.folding import fold

LEAST_LETTERS = 6
"""Of a title that is mistyped."""
TRIES = 60


@dataclass(frozen=True, slots=True)
class Query:
    """`wanted` is the folded title that is meant."""

    text: str
    wanted: str


def golden(titles: Sequence[str], each: int, *, seed: int) -> Mapping[str, list[Query]]:
    """At most `each` queries of every sort."""
    return _Golden(titles, Random(seed)).made(each)


class _Golden:
    def __init__(self, titles: Sequence[str], random: Random) -> None:
        self._random = random
        self._titles = titles
        self._folded = sorted({fold(title) for title in titles} - {""})
        self._having: defaultdict[str, set[str]] = defaultdict(set)
        for title in self._folded:
            for word in title.split():
                self._having[word].add(title)

    def made(self, each: int) -> dict[str, list[Query]]:
        sorts: dict[str, tuple[Callable[[str], str], Callable[[Query], bool]]] = {
            "exact": (lambda title: title, self._is_alone),
            "one typo": (self._mistyped, self._is_nearest),
            "missing word": (self._without_a_word, self._has_its_words_alone),
            "no accents": (self._without_accents, self._is_alone),
            "other order": (self._shuffled, self._has_its_words_alone),
        }
        return {name: self._of(make, is_one, each) for name, (make, is_one) in sorts.items()}

    def _of(self, make: Callable[[str], str], is_one: Callable[[Query], bool], each: int) -> list[Query]:
        """Fewer than asked for where so few titles will do."""
        queries: list[Query] = []
        for title in self._random.sample(self._titles, min(len(self._titles), each * TRIES)):
            if len(queries) == each:
                break
            text = make(title)
            query = Query(text, fold(title))
            if text and query.wanted and is_one(query):
                queries.append(query)
        return queries

    def _mistyped(self, title: str) -> str:
        text = mistyped(title, self._random) if len(fold(title)) >= LEAST_LETTERS else ""
        return text if fold(text) != fold(title) else ""

    def _without_a_word(self, title: str) -> str:
        words = fold(title).split()
        if len(words) < 3:
            return ""
        words.pop(self._random.randrange(len(words)))
        return " ".join(words)

    def _without_accents(self, title: str) -> str:
        return "" if title.isascii() else accents_lost(title)

    def _shuffled(self, title: str) -> str:
        words = fold(title).split()
        self._random.shuffle(words)
        return " ".join(words) if len(words) >= 2 and " ".join(words) != fold(title) else ""

    def _is_alone(self, query: Query) -> bool:
        return fold(query.text) == query.wanted

    def _is_nearest(self, query: Query) -> bool:
        typed = fold(query.text)
        (best, first, _), *rest = process.extract(typed, self._folded, scorer=fuzz.ratio, limit=2)
        return best == query.wanted and all(score < first for _, score, _ in rest)

    def _has_its_words_alone(self, query: Query) -> bool:
        having = [self._having[word] for word in fold(query.text).split()]
        return bool(having) and set.intersection(*having) == {query.wanted}

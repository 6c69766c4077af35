"""Named parameters for both engines: `:name` as SQLite reads it, `$1` as PostgreSQL does."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from libs.common.errors import InvalidInput

Value = None | bool | int | float | str | bytes
"""What may be bound. Times are epoch milliseconds, JSON is text."""

_READING = frozenset({"select", "values", "explain"})
_WRITING = frozenset({"insert", "update", "delete", "replace", "merge"})

_TOKEN = re.compile(
    r"""
      (?P<skip> [eE]'(?:[^'\\]|\\.|'')*'                 # PostgreSQL's escape string
              | '(?:[^']|'')*'
              | "(?:[^"]|"")*"
              | --[^\n]*
              | \$(?P<tag>[A-Za-z_]\w*)?\$.*?\$(?(tag)(?P=tag))\$   # dollar quoting
              | ::
              )
    | (?P<comment> /\*)
    | (?<![\w:]):(?P<name>[A-Za-z_]\w*)                  # not the 1:n of an array slice
    | (?P<word> [A-Za-z_]\w*)
    | (?P<other> .)
    """,
    re.VERBOSE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")


@dataclass(frozen=True, slots=True)
class Statement:
    """One SQL text, read once. `reads` means that no row can change."""

    numbered: str
    names: tuple[str, ...]
    reads: bool
    returning: bool

    def values(self, params: Mapping[str, Value]) -> list[Value]:
        """The values in the order of `$1`, `$2`, …; a missing one is an error on both engines alike.

        Raises InvalidInput for a text with a NUL, which PostgreSQL can't hold: only strangers write one.
        """
        try:
            values = [params[name] for name in self.names]
        except KeyError as missing:
            raise TypeError(f"the statement has no value for :{missing.args[0]}") from None
        if any(isinstance(value, str) and "\0" in value for value in values):
            raise InvalidInput("A text holds a NUL character.")
        return values


def places_for(name: str, values: Iterable[Value]) -> tuple[str, dict[str, Value]]:
    """The places of a few values in a statement, as `IN (…)` takes them, and what is bound to them."""
    bound = {f"{name}_{number}": value for number, value in enumerate(values)}
    return ", ".join(f":{place}" for place in bound), bound


@lru_cache(maxsize=2048)
def parse(sql: str) -> Statement:
    """Read `sql` outside its strings, quoted names, casts and comments."""
    out: list[str] = []
    names: list[str] = []
    words: list[str] = []
    at = 0
    while at < len(sql):
        match = _TOKEN.match(sql, at)
        if match is None:  # the last alternative takes any character
            raise ValueError("unreadable SQL")
        at = _comment_end(sql, match.end()) if match["comment"] else match.end()
        if (name := match["name"]) is not None:
            if name not in names:
                names.append(name)
            out.append(f"${names.index(name) + 1}")
            continue
        if match["word"]:
            words.append(match["word"].lower())
        out.append(sql[match.start() : at])
    return Statement("".join(out), tuple(names), _only_reads(words), "returning" in words)


def _comment_end(sql: str, at: int) -> int:
    """The position after the comment that was opened just before `at`; PostgreSQL nests them."""
    depth = 1
    for edge in _COMMENT_EDGE.finditer(sql, at):
        depth += 1 if edge.group() == "/*" else -1
        if depth == 0:
            return edge.end()
    return len(sql)


def _only_reads(words: list[str]) -> bool:
    first = words[0] if words else ""
    if first == "with":
        return _WRITING.isdisjoint(words)
    return first in _READING and not {"for", "update"} <= set(words)

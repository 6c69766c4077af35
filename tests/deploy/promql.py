"""Which series and labels a PromQL expression speaks of: enough of the language to hold ours against it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_STRING = re.compile(r"\"(?:[^\"\\]|\\.)*\"|'(?:[^'\\]|\\.)*'")
_RANGE = re.compile(r"\[[^\]]*\]")
_SELECTOR = re.compile(r"([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{([^{}]*)\})?")
_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^()]*)\)")
_MATCHER = re.compile(r"([a-zA-Z_][a-zA-Z0-9_]*)\s*(?:=~|!~|!=|=)")
_CALL = re.compile(r"\s*\(")
WORDS = frozenset(
    {"and", "or", "unless", "bool", "offset", "inf", "nan", "by", "without", "on", "ignoring"}
    | {"group_left", "group_right"}
)


@dataclass(slots=True)
class Spoken:
    """Series by name, each with the labels it is selected by, and the labels that results are grouped by."""

    series: dict[str, set[str]] = field(default_factory=dict)
    grouped: set[str] = field(default_factory=set)


def spoken_of(expression: str) -> Spoken:
    """What `expression` selects and groups by."""
    text = _RANGE.sub("", _STRING.sub('""', expression))
    spoken = Spoken()
    for labels in _GROUPING.findall(text):
        spoken.grouped.update(label.strip() for label in labels.split(",") if label.strip())
    text = _GROUPING.sub(" ", text)
    for found in _SELECTOR.finditer(text):
        name, matchers = found[1], found[2]
        is_call = matchers is None and _CALL.match(text, found.end())
        if is_call or name.lower() in WORDS or _inside_number(text, found.start()):
            continue
        spoken.series.setdefault(name, set()).update(_MATCHER.findall(matchers or ""))
    return spoken


def _inside_number(text: str, at: int) -> bool:
    """The `e` of 1.5e9 and the unit of a duration such as 5m are no names."""
    return at > 0 and (text[at - 1].isdigit() or text[at - 1] == ".")

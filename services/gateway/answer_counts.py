"""How well players, programs and people were answered: fresh, old, in part or not at all."""

from collections.abc import Mapping
from typing import Final, Literal, TypeAlias

from libs.common.metrics import Metrics

Kind: TypeAlias = Literal["hit", "miss", "stale", "partial", "bypass", "error"]
FaceName: TypeAlias = Literal["stremio", "rest", "page"]

KINDS: Final[tuple[Kind, ...]] = ("hit", "miss", "stale", "partial", "bypass", "error")
FACES: Final[tuple[FaceName, ...]] = ("stremio", "rest", "page")
CACHE_HEADER: Final = "X-Headgate-Cache"
PARTIAL_HEADER: Final = "X-Headgate-Partial"

_CACHE_STATUS: Final[Mapping[str, str]] = {
    "hit": "Headgate; hit",
    "stale": "Headgate; hit; detail=stale",
    "miss": "Headgate; fwd=uri-miss",
    "bypass": "Headgate; fwd=bypass",
    "partial": "Headgate; fwd=uri-miss; detail=partial",
}


class Answered:
    """Counts answers. A plain number each: the warm path adds one and nothing else."""

    def __init__(self, metrics: Metrics) -> None:
        self._counts: dict[tuple[str, ...], float] = {(face, kind): 0 for face in FACES for kind in KINDS}
        metrics.counted_elsewhere(
            "answers_total",
            "Answers by how they came about: fresh, old, without some sources, or an error.",
            ("face", "state"),
            lambda: self._counts,
        )

    def count(self, face: FaceName, kind: str) -> None:
        self._counts[face, kind] += 1


def kind_of(headers: Mapping[str, str]) -> str:
    """What a service says about its answer; empty where that is no answer of several sources."""
    told = headers.get(CACHE_HEADER, "")
    if told and headers.get(PARTIAL_HEADER):
        return "partial"
    return told if told in _CACHE_STATUS else ""


def cache_status(kind: str) -> str:
    """The same for caches in front (RFC 9211)."""
    return _CACHE_STATUS[kind]

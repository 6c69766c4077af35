"""What is told of media that are passed on: how many, how they went, and how much."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

from libs.common.errors import HeadgateError
from libs.common.media import WishKind
from libs.common.metrics import Metrics

Kind = WishKind | Literal["hls", "link"]
"""`hls`: made here. `link`: of direct links, passed on."""
Outcome = Literal["played", "redirected", "refused", "failed"]


class Figures:
    """Labelled by kind alone: neither by provider nor by account."""

    def __init__(self, metrics: Metrics) -> None:
        self._open = metrics.gauge("media_streams", "Media being passed on now.", ("kind",))
        self._answers = metrics.counter(
            "media_answers_total", "Media that players asked for, by outcome.", ("kind", "outcome")
        )
        self._bytes = metrics.counter("media_bytes_total", "Bytes of media passed on.", ("kind",))

    def passed(self, kind: Kind, size: int) -> None:
        self._bytes.labels(kind).inc(size)

    @contextmanager
    def counted(self, kind: Kind) -> Iterator[Callable[[Outcome], None]]:
        """Is given how it went. What is told first counts: a stream that is ended later was played."""
        told = False

        def answered(outcome: Outcome) -> None:
            nonlocal told
            if not told:
                self._answers.labels(kind, outcome).inc()
            told = True

        self._open.labels(kind).inc()
        try:
            yield answered
        except HeadgateError as error:
            answered("failed" if error.status >= 500 else "refused")
            raise
        finally:
            self._open.labels(kind).dec()

"""Taking figures by name and printing their table; a missed bar is a failure."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence

from benchmarks.figures import Figure, table

Measures = Mapping[str, Callable[[], list[Figure]]]


def measured(measures: Measures, names: Sequence[str]) -> int:
    """Measure `names`, or everything; the exit status."""
    figures: list[Figure] = []
    for name in names or measures:
        print(f"measuring {name} …", file=sys.stderr, flush=True)
        figures += measures[name]()
    print(table(figures))
    return 0 if all(figure.met for figure in figures) else 1

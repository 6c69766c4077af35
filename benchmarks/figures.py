"""A measured figure and the bar it is held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` has to be on the right side of `bar`; `note` says what it was measured against."""

    name: str
    value: float
    unit: str
    sense: Literal["at least", "at most"]
    bar: float
    note: str

    @property
    def met(self) -> bool:
        return self.value >= self.bar if self.sense == "at least" else self.value <= self.bar


def table(figures: Sequence[Figure]) -> str:
    """The figures as the Markdown table of docs/performance.md."""
    head = "| figure | measured | bar | | how |\n|---|--:|--:|---|---|\n"
    return head + "\n".join(
        f"| {figure.name} | {figure.value:.3g} {figure.unit} | {figure.sense} {figure.bar:g} {figure.unit} "
        f"| {'met' if figure.met else '**missed**'} | {figure.note} |"
        for figure in figures
    )

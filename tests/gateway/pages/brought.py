"""What the files hold that people bring in tests of pages."""

from __future__ import annotations

from dataclasses import dataclass, field

from libs.common.contracts.imports import ImportView


@dataclass
class Brought:
    """What was read of each, and every file that came; `problem` refuses the next ones."""

    views: dict[str, ImportView] = field(default_factory=dict)
    files: list[bytes] = field(default_factory=list)
    problem: str = ""

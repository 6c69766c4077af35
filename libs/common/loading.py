"""How a process loads what it is made of."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def loading() -> Iterator[None]:
    """Around imports. What they make stays for good: to look for garbage in it took a fifth of a start. It is
    left out of later looks, too."""
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        gc.enable()

"""What a process of our own code needs of its parent's environment."""

from __future__ import annotations

import os
import sys


def own_code() -> dict[str, str]:
    """Where to find our code, and no secret of ours."""
    return {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}

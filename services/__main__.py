"""`python -m services`, and the installed `headgate` command: the whole hub, or work on its databases."""

from __future__ import annotations

import os
import sys

from libs.common.loading import loading


def command() -> int:
    """The exit status."""
    with loading():
        from services.hub import main  # noqa: PLC0415  what it imports is what is loaded
    return main(sys.argv[1:], os.environ)


if __name__ == "__main__":
    sys.exit(command())

"""What ends the reading of a guide.

    GuideBroken             reason
    ├── Empty               empty
    ├── NotAGuide           not_a_guide
    ├── Truncated           truncated
    └── Damaged             damaged

``str(error)`` is a sentence for the person who owns the hub. The rows before it have come out by then: what
they are worth is for whoever asked. One bad programme is no error: it is counted by what is wrong with it.
"""

from __future__ import annotations

from typing import ClassVar


class GuideBroken(Exception):
    """The guide isn't whole."""

    reason: ClassVar[str] = "broken"


class Empty(GuideBroken):
    """Not one row, though nothing else may be wrong: no reason to forget an older guide."""

    reason = "empty"


class NotAGuide(GuideBroken):
    reason = "not_a_guide"


class Truncated(GuideBroken):
    reason = "truncated"


class Damaged(GuideBroken):
    reason = "damaged"

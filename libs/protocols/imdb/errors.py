"""What makes a whole data set unusable.

    DataSetBroken           reason
    ├── NotGzip             not_gzip
    ├── Truncated           truncated
    ├── Corrupt             corrupt
    ├── HeaderChanged       header_changed
    └── NoRows              no_rows

``str(error)`` is a sentence for the person who owns the hub. One bad row is no error: rows are counted by
what is wrong with them and left out.
"""

from __future__ import annotations

from typing import ClassVar


class DataSetBroken(Exception):
    """Nothing that was read of the data set may be used."""

    reason: ClassVar[str] = "broken"


class NotGzip(DataSetBroken):
    reason = "not_gzip"


class Truncated(DataSetBroken):
    reason = "truncated"


class Corrupt(DataSetBroken):
    reason = "corrupt"


class HeaderChanged(DataSetBroken):
    reason = "header_changed"


class NoRows(DataSetBroken):
    reason = "no_rows"

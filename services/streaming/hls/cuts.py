"""Where a track of a film is cut into segments: known before any is made, so that players may seek. Pure."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

EARLY_S: Final = 0.001
"""A picture this little before a cut is behind it: containers round times to a thousandth."""
COPIED_S: Final = 6.0
"""What is cut where key pictures are is cut a little less often: they seldom are where one wants them."""
LONGEST_S: Final = 30.0
MOST_BYTES: Final = 96 * 1024 * 1024
"""Of one segment, which is held while it is put together: seven seconds of the fastest disc have fewer."""
SHORTEST_LAST_S: Final = 0.25
"""Less than this at the end belongs to the segment before: often nothing is shown in it."""


@dataclass(frozen=True, slots=True)
class Cuts:
    """When segments begin, the first at 0, and when the last one ends."""

    begins: tuple[float, ...]
    ends_s: float

    def __len__(self) -> int:
        return len(self.begins)

    def of(self, time_s: float) -> int:
        """The number of the segment that is shown then."""
        return max(0, bisect_right(self.begins, time_s + EARLY_S) - 1)

    def length_s(self, number: int) -> float:
        after = self.begins[number + 1] if number + 1 < len(self.begins) else self.ends_s
        return after - self.begins[number]

    def end_s(self, number: int) -> float:
        return self.begins[number] + self.length_s(number)

    @property
    def longest_s(self) -> float:
        return max(self.length_s(number) for number in range(len(self)))


def even_cuts(duration_s: float, segment_s: float) -> Cuts:
    count = max(1, math.ceil((duration_s - SHORTEST_LAST_S) / segment_s))
    return Cuts(tuple(number * segment_s for number in range(count)), duration_s)


def cuts_at(keys_s: Sequence[float], duration_s: float) -> Cuts:
    """At key pictures, as soon as one comes after COPIED_S."""
    begins = [0.0]
    for key_s in keys_s:
        if key_s - begins[-1] >= COPIED_S - EARLY_S and duration_s - key_s >= SHORTEST_LAST_S:
            begins.append(key_s)
    return Cuts(tuple(begins), duration_s)


def may_be_sent(cuts: Cuts, bitrate_bps: int) -> bool:
    """Whether pictures may stay as they are: no segment is longer than players wait for."""
    return cuts.longest_s <= LONGEST_S and cuts.longest_s * bitrate_bps / 8 <= MOST_BYTES

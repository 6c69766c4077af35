"""Does it all to a real cluster, prints the table of docs/performance.md, and fails if a bar is missed.

`python -m benchmarks.chaos NAME …` does only those.
"""

from __future__ import annotations

import sys

from benchmarks.chaos import (
    crowd,
    hung,
    killed,
    library,
    progress,
    redis_away,
    rolling,
    trakt,
    trakt_outgoing,
    two_gateways,
)
from benchmarks.measuring import Measures, measured

MEASURES: Measures = {
    "rolling": rolling.measure,
    "killed": killed.measure,
    "hung": hung.measure,
    "redis_away": redis_away.measure,
    "crowd": crowd.measure,
    "two_gateways": two_gateways.measure,
    "library": library.measure,
    "progress": progress.measure,
    "trakt": trakt.measure,
    "trakt_outgoing": trakt_outgoing.measure,
}

if __name__ == "__main__":
    sys.exit(measured(MEASURES, sys.argv[1:]))

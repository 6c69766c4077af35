"""Measures everything, prints the table of docs/performance.md, and fails if a bar is missed.

`python -m benchmarks NAME …` measures only those.
"""

from __future__ import annotations

import sys

from benchmarks import (
    cold_flight,
    cold_streams,
    footprint,
    gateway_hop,
    hls_seek,
    imdb_import,
    library_face,
    library_lists,
    library_search,
    library_sync,
    limiter,
    media,
    progress,
    replay,
    viewed_rows,
    warm_catalog,
)
from benchmarks.matching import measure as matching
from benchmarks.measuring import Measures, measured
from benchmarks.sources import ranking, sameness
from benchmarks.titles import measure as titles

MEASURES: Measures = {
    "warm_catalog": warm_catalog.measure,
    "cold_flight": cold_flight.measure,
    "cold_streams": cold_streams.measure,
    "footprint": footprint.measure,
    "gateway_hop": gateway_hop.measure,
    "hls_seek": hls_seek.measure,
    "limiter": limiter.measure,
    "titles": titles.measure,
    "sameness": sameness.measure,
    "ranking": ranking.measure,
    "matching": matching.measure,
    "imdb_import": imdb_import.measure,
    "library_lists": library_lists.measure,
    "library_search": library_search.measure,
    "library_face": library_face.measure,
    "library_sync": library_sync.measure,
    "media": media.measure,
    "progress": progress.measure,
    "replay": replay.measure,
    "viewed_rows": viewed_rows.measure,
}

if __name__ == "__main__":
    sys.exit(measured(MEASURES, sys.argv[1:]))

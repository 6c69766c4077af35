"""Files in IMDb's format with made-up rows. `python -m benchmarks.imdb.files FOLDER PORT` serves them."""

from __future__ import annotations

import gzip
import os
import random
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from aiohttp import web

from libs.protocols.imdb.rows import DATA_SETS, SetName

SCALE = float(os.environ.get("IMDB_SCALE", "1"))
"""Less than 1 for a quick look; the figures of docs/performance.md are taken at 1."""
TITLES = int(1_000_000 * SCALE)
EPISODES = int(9_000_000 * SCALE)
RATED_TITLES = int(800_000 * SCALE)
RATED_EPISODES = int(800_000 * SCALE)
"""Half of IMDb's ratings are of episodes, so that one of eleven episodes has one."""
RATINGS = RATED_TITLES + RATED_EPISODES
PER_SEASON, PER_SERIES = 20, 45
WORDS = ("signal", "river", "night", "house", "train", "winter", "city", "glass", "paper", "bird", "king")


def generate(folder: Path) -> None:
    """Titles have odd numbers and episodes even ones, in the order of their ids, as IMDb's are mixed."""
    dice = random.Random(7)
    rated = set(dice.sample(range(EPISODES), RATED_EPISODES))
    write(folder, "ratings", _ratings(dice, rated))
    write(folder, "episodes", _episodes())
    write(folder, "titles", _titles(dice))


def next_day(folder: Path) -> None:
    """As it is a day later: one of five titles was voted for, and every file is another one to its ETag."""
    with gzip.open(folder / DATA_SETS["ratings"].file, "rt", encoding="utf-8", newline="\n") as old:
        next(old)
        write(folder, "ratings", (_voted(number, line) for number, line in enumerate(old)))
    for name in ("episodes", "titles"):
        (folder / DATA_SETS[name].file).touch()


def _voted(number: int, line: str) -> str:
    if number % 5:
        return line
    title, rating, votes = line.split("\t")
    return f"{title}\t{rating}\t{int(votes) + 1}\n"


def write(folder: Path, name: SetName, lines: Iterable[str]) -> None:
    data_set = DATA_SETS[name]
    made = folder / f"{data_set.file}.new"
    with gzip.open(made, "wt", compresslevel=1, encoding="utf-8", newline="\n") as out:
        out.write("\t".join(data_set.header) + "\n")
        out.writelines(lines)
    made.replace(folder / data_set.file)


def episode_id(number: int) -> str:
    return f"tt{2 * number + 2:07d}"


def title_id(number: int) -> str:
    """Spread over the same range as the episodes."""
    return f"tt{2 * (number * EPISODES // TITLES) + 1:07d}"


def _ratings(dice: random.Random, rated: set[int]) -> Iterator[str]:
    ids = [episode_id(number) for number in rated]
    ids += [title_id(number) for number in range(RATED_TITLES)]
    ids.sort(key=lambda text: int(text[2:]))
    for id_ in ids:
        yield f"{id_}\t{dice.randint(10, 100) / 10}\t{int(5 + dice.paretovariate(0.6)) % 2_000_000}\n"


def _episodes() -> Iterator[str]:
    for number in range(EPISODES):
        series, place = divmod(number, PER_SERIES)
        season, episode = divmod(place, PER_SEASON)
        # Series are not in the order of their episodes.
        parent = title_id((series * 7919) % TITLES)
        yield f"{episode_id(number)}\t{parent}\t{season + 1}\t{episode + 1}\n"


def _titles(dice: random.Random) -> Iterator[str]:
    for number in range(TITLES):
        name = f"{dice.choice(WORDS).title()} of the {dice.choice(WORDS)} {number}"
        kind = "movie" if number % 4 else "tvSeries"
        facts = f"0\t{1920 + number % 105}\t\\N\t{60 + number % 90}\tDrama,Comedy"
        yield f"{title_id(number)}\t{kind}\t{name}\t{name}\t{facts}\n"


def serve(folder: Path, port: int) -> None:
    app = web.Application()
    app.router.add_static("/", folder)  # with ETag and conditional answers
    web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), int(sys.argv[2]))

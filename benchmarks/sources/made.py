"""Made-up files and what addons say of them: which descriptions are of one file is known beforehand.

Beside each file stand others that differ in one thing alone: group, edition, resolution, episode, "repack",
size under the same name, place in the same torrent, or a size that nobody says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from random import Random
from typing import Final

import msgspec

TITLES: Final = (
    "The French Dispatch", "Blade Runner 2049", "Dune Part Two", "The Italian Job", "Cam", "Heat",
    "Oppenheimer", "1917", "Se7en", "Amelie", "District 9", "The General", "Up", "Arrival", "Web of Lies",
)  # fmt: skip
SHOWS: Final = (
    "Severance",
    "The Office",
    "Dark",
    "Star City",
    "24",
    "Slow Horses",
    "Les Revenants",
    "Shogun",
)
GROUPS: Final = (
    "FGT",
    "NTb",
    "FLUX",
    "SPARKS",
    "FraMeSToR",
    "RARBG",
    "TEPES",
    "CMRG",
    "EVO",
    "SiGMA",
    "D-Z0N3",
)
QUALITIES: Final = ("BluRay", "WEB-DL", "WEBRip", "UHD.BluRay.REMUX", "HDTV", "AMZN.WEB-DL", "BDRip")
RESOLUTIONS: Final = ("2160p", "1080p", "720p", "480p")
CODECS: Final = ("x264", "x265", "H.264", "H.265", "HEVC", "AVC")
AUDIO: Final = ("DTS-HD.MA.5.1", "DDP5.1.Atmos", "AAC2.0", "TrueHD.7.1", "DD5.1", "AC3")
EDITIONS: Final = ("", "", "", "EXTENDED", "Directors.Cut", "REMASTERED", "IMAX")
ADDONS: Final = tuple(f"addon{number}" for number in range(10))
ENDS: Final = (".mkv", ".mkv", ".mp4")
MISSING_SHARE: Final = 0.004
"""Of descriptions so many hold nothing by which the file could be told."""

SIZED_SHARE: Final = 0.95
"""Of torrents so many say how large they are."""


@dataclass(frozen=True, slots=True)
class File:
    """`release` is its name without the end; `size` in bytes."""

    release: str
    end: str
    size: int
    info_hash: str
    index: int
    link: str

    @property
    def name(self) -> str:
        return self.release + self.end


@dataclass(frozen=True, slots=True)
class Sighting:
    """What one addon says of a file; `file` is the number of that file."""

    file: int
    addon: str
    raw: bytes


def sightings(seed: int, *, files: int, is_episode: bool = False) -> list[Sighting]:
    """Of about `files` files, in the order in which ten addons list them."""
    random = Random(seed)
    title = random.choice(SHOWS if is_episode else TITLES)
    made: list[File] = []
    while len(made) < files:
        base = _file(random, title, is_episode=is_episode)
        made += [base, *(change(random, base) for change in random.sample(_CHANGES, 3))]
    found = [
        Sighting(number, addon, msgspec.json.encode(_described(random, file, addon)))
        for number, file in enumerate(made)
        for addon in random.sample(ADDONS, random.choice((1, 2, 2, 3, 4)))
    ]
    random.shuffle(found)
    return found


def _file(random: Random, title: str, *, is_episode: bool) -> File:
    part = (
        f"S{random.randint(1, 3):02}E{random.randint(1, 9):02}"
        if is_episode
        else str(random.randint(1950, 2026))
    )
    words = [title.replace(" ", "."), part, random.choice(EDITIONS), random.choice(RESOLUTIONS)]
    words += [random.choice(QUALITIES), random.choice(AUDIO), random.choice(CODECS)]
    release = ".".join(word for word in words if word) + "-" + random.choice(GROUPS)
    return _another(
        random, File(release, random.choice(ENDS), 0, "", 0, ""), int(10 ** random.uniform(8.5, 10.8))
    )


def _another(random: Random, file: File, size: int) -> File:
    return replace(
        file,
        size=size,
        info_hash=f"{random.getrandbits(160):040x}",
        index=random.randint(0, 9),
        link=f"{random.getrandbits(96):024x}",
    )


def _other_size(random: Random, file: File) -> File:
    """The same name for another file: somebody made it anew, or it was cut."""
    return _another(
        random, file, int(file.size * random.choice((0.7, 0.9, 0.96, 0.985, 1.015, 1.04, 1.1, 1.3)))
    )


def _renamed(random: Random, file: File, old: tuple[str, ...], new: str) -> File:
    """With another word in its name. Often of the same size as far as texts say it."""
    here = next((word for word in old if word and word in file.release), None)
    release = file.release.replace(here, new, 1) if here else f"{new}.{file.release}"
    if release == file.release:
        release = f"{file.release}2"
    return _another(random, replace(file, release=release), file.size + random.choice((0, 1, 4096, 10**6)))


def _other_group(random: Random, file: File) -> File:
    return _renamed(random, file, GROUPS, random.choice(("NOGRP", "LAMA", "playBD")))


def _other_edition(random: Random, file: File) -> File:
    return _renamed(random, file, EDITIONS, "UNRATED")


def _other_resolution(random: Random, file: File) -> File:
    return _renamed(random, file, RESOLUTIONS, "1440p")


def _repack(random: Random, file: File) -> File:
    return _renamed(random, file, QUALITIES, random.choice(("PROPER.BluRay", "REPACK.WEB-DL")))


def _other_part(random: Random, file: File) -> File:
    """The next file of the same torrent: of a season, or the second half of a film."""
    here = next((part for part in _PARTS if part in file.release), None)
    release = file.release.replace(here, "E10") if here else file.release.replace("-", ".CD2-", 1)
    size = file.size + random.choice((0, 1, 4096, 10**6))
    made = _another(random, replace(file, release=release), size)
    return replace(made, info_hash=file.info_hash, index=file.index + 1)


_PARTS: Final = tuple(f"E0{number}" for number in range(1, 10))
_CHANGES: Final = (_other_size, _other_group, _other_edition, _other_resolution, _repack, _other_part)


def _described(random: Random, file: File, addon: str) -> dict[str, object]:
    if random.random() < MISSING_SHARE:
        return {"name": addon, "description": file.release, "url": _opaque(random)}
    return random.choice(_STYLES)(random, file, addon)


def _torrent(random: Random, file: File, addon: str) -> dict[str, object]:
    text = f"{file.release}\n👤 {random.randint(0, 900)} 💾 {_said(file.size)} ⚙️ Tracker\n🇬🇧 / 🇫🇷"
    hints = {"filename": file.name, "bingeGroup": f"{addon}|{random.random()}"}
    members = {"name": f"{addon}\n4k", "title": text, "infoHash": file.info_hash, "fileIdx": file.index}
    return {**members, "behaviorHints": hints}


def _torrent_without_index(random: Random, file: File, addon: str) -> dict[str, object]:
    size = f" 💾 {_said(file.size)}" if random.random() < SIZED_SHARE else ""
    text = f"📄 {file.name}\n👤 {random.randint(0, 99)}{size}"
    hints = {"filename": file.name}
    return {"name": addon, "description": text, "infoHash": file.info_hash.upper(), "behaviorHints": hints}


def _of_store(random: Random, file: File, addon: str) -> dict[str, object]:
    url = f"https://{addon}.example/{random.getrandbits(64):x}/playback/{file.info_hash}/{file.index}/n"
    hints = {"filename": file.name, "videoSize": file.size}
    return {
        "name": f"[RD+] {addon} 1080p",
        "description": f"💾 {_said(file.size)}",
        "url": url,
        "behaviorHints": hints,
    }


def _hinted(random: Random, file: File, addon: str) -> dict[str, object]:
    hints = {"filename": f"{file.release}/{file.name}", "videoSize": file.size, "notWebReady": True}
    return {"name": addon, "description": file.release, "url": _opaque(random), "behaviorHints": hints}


def _written(random: Random, file: File, addon: str) -> dict[str, object]:
    text = f"{file.name}\n📦 {_said(file.size)} 🌐 English"
    return {"name": f"{addon} | HD", "description": text, "url": _opaque(random)}


def _spaced(random: Random, file: File, addon: str) -> dict[str, object]:
    hints = {"filename": file.name.replace(".", " ", file.name.count(".") - 1), "videoSize": file.size}
    return {"name": addon, "description": "", "url": _opaque(random), "behaviorHints": hints}


def _linked(random: Random, file: File, addon: str) -> dict[str, object]:
    url = f"https://files.example/{file.link}{file.end}"
    return {"name": addon, "description": f"{file.name}\n{_said(file.size)}", "url": url}


_STYLES: Final = (_torrent, _torrent_without_index, _of_store, _hinted, _written, _spaced, _linked)


def _opaque(random: Random) -> str:
    return f"https://store.example/d/{random.getrandbits(96):x}"


def _said(size: int) -> str:
    return f"{size / 1024**3:.2f} GB" if size >= 1024**3 else f"{size / 1024**2:.1f} MB"

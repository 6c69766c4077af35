"""The qualities of a film: never larger than it is, each with what a playlist has to say of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from services.streaming.hls.film import Film, Picture, Sound

SEGMENT_S: Final = 4
SOUND_BPS: Final = 160_000
SOUND_CODECS: Final = "mp4a.40.2"
FASTEST: Final = 60.5
"""Pictures a second that are made; of what has more, some are left out."""
_BOXES: Final = ((1920, 1080, 5_000_000), (1280, 720, 2_800_000), (854, 480, 1_400_000), (640, 360, 800_000))
_OVERHEAD_BPS: Final = 40_000
_LEAST_BPS: Final = 200_000
_PEAK: Final = 1.5
"""How much more than on average the encoder may spend; a second of it may be saved up."""
_LEVELS: Final = (
    (40_500, 1_620, 30),
    (108_000, 3_600, 31),
    (216_000, 5_120, 32),
    (245_760, 8_192, 40),
    (522_240, 8_704, 42),
    (983_040, 36_864, 51),
)
"""Of H.264: macroblocks a second, macroblocks a picture, and the level that allows them."""
_COPIED: Final = {"aac": SOUND_CODECS, "ac3": "ac-3", "eac3": "ec-3", "flac": "fLaC", "opus": "Opus"}
"""Sounds that fragments of MP4 may hold as they are, by their names in a playlist."""


@dataclass(frozen=True, slots=True)
class Rung:
    """One quality of the pictures alone. `level` is 0 where they are as they are in the film."""

    width: int
    height: int
    rate: float
    average_bps: int
    codecs: str
    level: int = 0

    @property
    def is_original(self) -> bool:
        return self.level == 0

    @property
    def most_bps(self) -> int:
        """What the encoder is held to over any second but one."""
        return int(self.average_bps * _PEAK)

    @property
    def peak_bps(self) -> int:
        """No segment has more: what was saved up in the one before is spent in it, and the overhead."""
        return self.most_bps + self.most_bps // SEGMENT_S + _OVERHEAD_BPS


@dataclass(frozen=True, slots=True)
class Voice:
    """One sound as it is sent."""

    sound: Sound
    codecs: str
    bitrate_bps: int
    is_copied: bool


def rungs(film: Film, *, copies_picture: bool, max_height: int = 0) -> tuple[Rung, ...]:
    """The best first. `copies_picture`: the film's own pictures are the first of them."""
    picture = film.picture
    made = _made(picture, max_height)
    if not copies_picture:
        return made
    original = Rung(
        picture.width, picture.height, picture.rate, max(picture.bitrate_bps, 1), picture.codecs, 0
    )
    return (original, *(rung for rung in made if rung.height < picture.height))


def voices(film: Film, copied: tuple[int, ...]) -> tuple[Voice, ...]:
    """`copied` are the numbers of streams that stay as they are."""
    return tuple(
        Voice(sound, _COPIED[sound.codec], sound.bitrate_bps or SOUND_BPS * 3, True)
        if sound.stream in copied
        else Voice(sound, SOUND_CODECS, SOUND_BPS, False)
        for sound in film.sounds
    )


def may_copy(sound: Sound) -> bool:
    return sound.codec in _COPIED


def _made(picture: Picture, max_height: int) -> tuple[Rung, ...]:
    found: list[Rung] = []
    for box_width, box_height, bps in _BOXES:
        part = min(1.0, box_width / picture.width, box_height / picture.height)
        width, height = _even(picture.width * part), _even(picture.height * part)
        if any(rung.height == height for rung in found):
            continue
        if max_height and height > max_height and (box_width, box_height, bps) != _BOXES[-1]:
            continue
        average = _bps(picture, width * height, box_width * box_height, bps)
        rate = min(picture.rate, FASTEST)
        level = _level(width, height, rate)
        found.append(Rung(width, height, rate, average, f"avc1.6400{level:02x}", level))
    return tuple(found)


def _bps(picture: Picture, pixels: int, box_pixels: int, bps: int) -> int:
    """Fewer pixels need less, though not in proportion; more than the film itself has is wasted."""
    wanted = int(bps * (pixels / box_pixels) ** 0.75)
    if picture.bitrate_bps:
        share = (pixels / (picture.width * picture.height)) ** 0.75
        wanted = min(wanted, int(picture.bitrate_bps * 2 * share))
    return max(wanted, _LEAST_BPS)


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)


def _level(width: int, height: int, rate: float) -> int:
    blocks = -(-width // 16) * -(-height // 16)
    for a_second, a_picture, level in _LEVELS:
        if blocks <= a_picture and blocks * rate <= a_second:
            return level
    return _LEVELS[-1][2]

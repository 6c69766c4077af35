"""Words that names are written with in several languages, and what becomes of them."""

from __future__ import annotations

from typing import Final


def _words(*texts: str) -> frozenset[str]:
    return frozenset(word for text in texts for word in text.split())


ARTICLES: Final = _words(
    "the a an",  # English
    "le la les l un une des",  # French
    "der die das den dem ein eine",  # German
    "el los las lo una unos unas",  # Spanish
    "il gli uno",  # Italian; "i" and the Portuguese "o" and "as" are other words where most names come from
    "um uma",  # Portuguese
    "de het een",  # Dutch
    "det en et ett",  # Danish, Norwegian, Swedish
)
"""Left out at the beginning of a name, as long as something else is left of it."""

ANDS: Final = _words("& and et und y och og")

PARTS: Final = _words(
    "part pt vol volume chapter ch episode ep teil band kapitel partie tome chapitre episodio",
    "parte capitulo capitolo deel hoofdstuk del kapittel osa no nr",
)
"""Left out before a number: what the second of something is called differs from list to list."""

_ONES: Final = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_UNITS: Final = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")

ROMAN: Final = {
    "x" * tens + unit: str(10 * tens + value)
    for tens in range(4)
    for value, unit in enumerate(_UNITS)
    if tens or value
}
"""Up to 39, with which no other word is confused but `xxx`."""

NUMBERS: Final = {word: str(value) for value, word in enumerate(_ONES)} | ROMAN

_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
TENS: Final = {word: str(value) for value, word in zip(range(20, 100, 10), _TENS, strict=True)}

TAGS: Final = _words(
    "film movie serial series silent short version the",
    "colorized colourised remastered restored hd fhd uhd sd hdr 4k 3d 720p 1080p 2160p cam ts web bluray",
    "multi dual audio dub dubbed sub subs subbed subtitled dublado legendado vo vost vostfr vf vff omu",
    "en eng english fr french de ger german es esp spanish lat latino it ita italian pt por br nl pl tr ar",
    "ru se no dk fi uk us",
)
"""In brackets they describe the copy, not the title."""

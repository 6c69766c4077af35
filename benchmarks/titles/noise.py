"""What happens to a name on its way into an addon. The rates are in `addons.py`."""

from __future__ import annotations

import re
import string
import unicodedata
from random import Random

ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
WORDS = ("One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")

_NUMBER_AT_END = re.compile(r"(.*\s)(II|III|IV|V|VI|VII|VIII|IX|[2-9]|Two|Three|Four|Five)$")
_LETTERS = str.maketrans("øØłŁ", "oOlL")
_ARTICLE = re.compile(
    r"^(The|A|An|Le|La|Les|Der|Die|Das|El|Los|Las|Il|Det|Den|En|Et) (?=\w)|^L['’](?=\w)", re.IGNORECASE
)
_TAGS = ("EN - {}", "[EN] {}", "|EN| {}", "{} (HD)", "{} [4K]", "{} [MULTI]", "4K-EN - {}", "{} (Dubbed)")


def numerals_changed(name: str, rng: Random) -> str:
    """The number of a part written another way, as far as there is one."""
    found = _NUMBER_AT_END.fullmatch(name)
    if found is None:
        return name
    text = found[2]
    value = next(n for n in range(10) if text in (ROMAN[n], str(n + 1), WORDS[n]))
    return found[1] + rng.choice(
        [form for form in (ROMAN[value], str(value + 1), WORDS[value]) if form != text]
    )


def article_moved(name: str) -> str:
    found = _ARTICLE.match(name)
    return name if found is None else f"{name[found.end() :]}, {found[0].strip()}"


def article_dropped(name: str) -> str:
    found = _ARTICLE.match(name)
    return name if found is None else name[found.end() :]


def accents_lost(name: str) -> str:
    letters = name.translate(_LETTERS).replace("æ", "ae").replace("ß", "ss")
    return unicodedata.normalize("NFKD", letters).encode("ascii", "ignore").decode() or name


def and_changed(name: str) -> str:
    return name.replace(" & ", " and ") if " & " in name else re.sub(r" [Aa]nd ", " & ", name)


def punctuation_changed(name: str, rng: Random) -> str:
    """One habit of a list: no punctuation at all, dashes for colons, typographic or lost apostrophes."""
    match rng.randrange(4):
        case 0:
            return re.sub(r"[^\w\s&']", " ", name).strip()
        case 1:
            return name.replace(": ", " - ")
        case 2:
            return name.replace("'", "’")
        case _:
            return name.replace("'", "").replace("-", " ")


def subtitle_dropped(name: str) -> str:
    return re.split(r": | - |; or|, or ", name)[0]


def tagged(name: str, rng: Random) -> str:
    return rng.choice(_TAGS).format(name)


def mistyped(name: str, rng: Random) -> str:
    """One slip of the fingers: two letters swapped, one lost, doubled or another."""
    places = [n for n, letter in enumerate(name[:-1]) if letter.isalpha()]
    if len(places) < 4:
        return name
    at = rng.choice(places)
    match rng.randrange(4):
        case 0:
            return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
        case 1:
            return name[:at] + name[at + 1 :]
        case 2:
            return name[:at] + name[at] + name[at:]
        case _:
            return name[:at] + rng.choice(string.ascii_lowercase) + name[at + 1 :]
